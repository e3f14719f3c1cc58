import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { describe, it } from "node:test";
import { compileFunction } from "node:vm";
import type { Runtime } from "@shoal/runtime";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import { createSession, createShardedSession, type Session } from "../index.ts";
import { createSimThreads } from "../simulation/sim-threads.ts";
import {
  endpointOf,
  holdsContent,
  type Node,
  placeContent,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "../simulation/swarm-world.ts";

const KIB = 1024;

/** The README's example under this name; the one without a name is "". */
function exampleOf(name: string): string {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const examples = [...readme.matchAll(/```ts ?(\w*)\n(.*?)```/gs)];
  const example = examples.find((match) => match[1] === name);
  assert.ok(example !== undefined, `the README has no example ${name}`);
  return stripTypeScriptTypes(example[2]!);
}

/** Runs an example with these names in scope; gives back the value of `result`. */
async function runExample<Result>(
  name: string,
  scope: Readonly<Record<string, unknown>>,
  result = "undefined",
): Promise<Result> {
  const body = `return (async () => { ${exampleOf(name)}\n return ${result}; })();`;
  const run = compileFunction(body, Object.keys(scope)) as (
    ...values: unknown[]
  ) => Promise<Result>;
  return await run(...Object.values(scope));
}

function createSample(): SampleTorrent {
  return sampleTorrent({ version: "v1", pieceLengthBytes: 64 * KIB, fileLengths: [512 * KIB] });
}

/** A session made by an example, with the sample's torrent; a seed has the content. */
async function addSample(
  world: SimWorld,
  host: SimHost,
  session: Session,
  sample: SampleTorrent,
  isSeed: boolean,
  peers: readonly { address: string; port: number }[] = [],
): Promise<Node> {
  if (isSeed) placeContent(host, sample);
  const torrent = await session.add(sample.bytes, { dir: "/data", peers });
  if (isSeed) await world.complete(torrent.whenComplete());
  return { host, session, torrent };
}

const on = (host: SimHost): { runtime: Runtime } => ({ runtime: host });

describe("the README's examples", () => {
  it("the first downloads a torrent", () =>
    withWorld({ seed: 71 }, async (world) => {
      const sample = createSample();
      const seed = await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
      const host = world.host({ address: "10.0.0.2" });
      const printed: string[] = [];
      await world.complete(
        runExample("", {
          createSession,
          ...on(host),
          torrentFile: sample.bytes,
          seed: endpointOf(seed),
          print: (line: string) => printed.push(line),
        }),
      );
      assert.equal(printed.length, 9);
      assert.equal(printed.at(-1), `sample: ${512 * KIB} bytes`);
      assert.equal(Buffer.compare(host.files.read("/downloads/sample")!, sample.contents[0]!), 0);
    }));

  it("two workers download a torrent", () =>
    withWorld({ seed: 76 }, async (world) => {
      const sample = createSample();
      const seed = await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
      const hosts = ["10.0.0.2", "10.0.0.3"].map((address) => world.host({ address }));
      const printed: string[] = [];
      await world.complete(
        runExample("shards", {
          createShardedSession,
          ...on(world.host({ address: "10.0.0.4" })),
          threads: createSimThreads(world, hosts),
          torrentFile: sample.bytes,
          seed: endpointOf(seed),
          print: (line: string) => printed.push(line),
        }),
      );
      assert.match(printed.join(), /^sample: 524288 bytes by worker ([01]), at port 688[12]$/);
    }));

  it("an extension's messages are carried both ways, and to nobody who does not speak it", () =>
    withWorld({ seed: 72 }, async (world) => {
      const sample = createSample();
      const printed: string[] = [];
      const nodes: Node[] = [];
      for (const address of ["10.0.0.1", "10.0.0.2"]) {
        const host = world.host({ address });
        const session = await world.complete(
          runExample<Session>(
            "extension",
            { createSession, ...on(host), print: (line: string) => printed.push(line) },
            "session",
          ),
        );
        nodes.push(await addSample(world, host, session, sample, false, nodes.map(endpointOf)));
      }
      const deaf = await startNode(world, {
        host: { address: "10.0.0.3" },
        sample,
        torrent: { peers: nodes.map(endpointOf) },
      });
      await world.run({ untilMs: world.timeMs + 5000 });
      assert.equal(deaf.torrent.peers.length, 2);
      assert.deepEqual(printed.toSorted(), ["10.0.0.1 says hello", "10.0.0.2 says hello"]);
    }));

  it("the policy serves its friend before all others", () =>
    withWorld({ seed: 73 }, async (world) => {
      const sample = createSample();
      const host = world.host({ address: "10.0.0.1", upBytesPerSecond: 50_000 });
      const session = await world.complete(
        runExample<Session>(
          "policy",
          { createSession, ...on(host), friend: "10.0.0.4" },
          "session",
        ),
      );
      const seed = await addSample(world, host, session, sample, true);
      const leechers: Node[] = [];
      for (const address of ["10.0.0.2", "10.0.0.3", "10.0.0.4"]) {
        leechers.push(
          await startNode(world, {
            host: { address },
            sample,
            torrent: { peers: [endpointOf(seed)], peerExchange: false },
          }),
        );
      }
      await world.complete(leechers[2]!.torrent.whenComplete());
      const others = leechers.slice(0, 2).map(({ torrent }) => torrent.status().downloadedBytes);
      assert.ok(Math.max(...others) <= 128 * KIB, `the others got ${others.join(" and ")}`);
      await world.complete(Promise.all(leechers.map(({ torrent }) => torrent.whenComplete())));
    }));

  it("the gate lets so many bytes pass, exactly, and more when it wakes the peer", () =>
    withWorld({ seed: 74 }, async (world) => {
      const sample = createSample();
      const host = world.host({ address: "10.0.0.1" });
      const made = await world.complete(
        runExample<{ session: Session; grant(id: number, bytes: number): void }>(
          "gate",
          { createSession, ...on(host) },
          "{ session, grant: (id, bytes) => { credit += bytes; wake(id); } }",
        ),
      );
      const seed = await addSample(world, host, made.session, sample, true);
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.run({ untilMs: world.timeMs + 10_000 });
      assert.equal(leecher.torrent.status().downloadedBytes, 64 * KIB);
      const [peer] = seed.torrent.peers;
      made.grant(peer!.id, 100 * KIB);
      await world.run({ untilMs: world.timeMs + 10_000 });
      // Whole blocks: the rest of the credit is less than one.
      assert.equal(leecher.torrent.status().downloadedBytes, 160 * KIB);
      made.grant(peer!.id, 512 * KIB);
      await world.complete(leecher.torrent.whenComplete());
      assert.ok(holdsContent(leecher.host, sample));
    }));
});
