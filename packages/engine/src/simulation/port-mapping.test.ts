import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { encodeExtended, encodeExtensionHandshake } from "@shoal/protocol";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import { startIgd } from "./sim-igd.ts";
import type { SessionEvent } from "../session/session.ts";
import { startDht } from "./dht-world.ts";
import { dialScripted, type ScriptedPeer } from "./scripted-peer.ts";
import { endpointOf, type Node, sampleTorrent, startNode } from "./swarm-world.ts";

const ROUTER = "192.168.1.1";
const CLIENT = "192.168.1.5";
const OUTSIDE = 40_001;

const sample = sampleTorrent({
  version: "v1",
  pieceLengthBytes: 32_768,
  fileLengths: [100_000],
});
const { infoHash } = sample.metainfo.v1!;

/** A tracker that notes the ports it is told. */
async function startTracker(host: SimHost): Promise<string[]> {
  const told: string[] = [];
  await host.http.serve({ port: 80 }, ({ target }) => {
    const query = new URLSearchParams(target.split("?")[1]);
    told.push(`${query.get("event") ?? "-"} ${query.get("port")}`);
    return { status: 200, body: Buffer.from("d8:intervali1800e5:peers0:e") };
  });
  return told;
}

/** A seed behind a router that passes another port on than it listens at. */
async function startSeed(world: SimWorld, externalAddress = "203.0.113.1") {
  await startIgd(world.host({ address: ROUTER }), {
    version: 2,
    answer(action) {
      if (action === "AddAnyPortMapping") return { NewReservedPort: String(OUTSIDE) };
      return action === "GetExternalIPAddress"
        ? { NewExternalIPAddress: externalAddress }
        : undefined;
    },
  });
  const dht = await startDht(world, 4);
  const told = await startTracker(world.host({ address: "8.0.0.1" }));
  const events: SessionEvent[] = [];
  const seed = await startNode(world, {
    host: { address: CLIENT, gateway: ROUTER },
    sample,
    seed: true,
    session: { portMapping: true, dht: { bootstrap: dht.bootstrap } },
    torrent: { trackers: [["http://8.0.0.1/announce"]] },
  });
  seed.session.on((event) => events.push(event));
  return { dht, told, events, seed };
}

/** What a peer at this address is told of ports: for peers, and for the DHT's nodes. */
async function portsTold(world: SimWorld, from: SimHost, seed: Node): Promise<unknown[]> {
  const script = {
    infoHash,
    dht: true,
    onOpen: (self: ScriptedPeer) =>
      self.send(encodeExtended(0, encodeExtensionHandshake({ extensions: {} }))),
  };
  const peer = await world.complete(dialScripted(from, endpointOf(seed), script));
  await world.run({ untilMs: world.timeMs + 2000 });
  const [handshake] = peer.heardOf("extended");
  const match = /1:pi(\d+)e/.exec(Buffer.from(handshake!.payload).toString("latin1"));
  return [Number(match?.[1]), peer.heardOf("port")[0]?.port];
}

suite("a session behind a router that passes on another port", () => {
  test("trackers, peers and the DHT are told of the one outside, the local network of the one listened at", () =>
    withWorld({ seed: 91 }, async (world) => {
      const { dht, told, events, seed } = await startSeed(world);
      await world.run({ untilMs: world.timeMs + 60_000 });
      assert.deepEqual(told, ["started 6881", `- ${OUTSIDE}`]);
      const [event] = events.filter(({ type }) => type === "ports-mapped");
      assert.deepEqual(
        event?.type === "ports-mapped" && event.mappings.map((each) => each.externalPort),
        [OUTSIDE, OUTSIDE],
      );
      const stranger = world.host({ address: "9.0.0.7" });
      const neighbour = world.host({ address: "192.168.1.9" });
      assert.deepEqual(await portsTold(world, stranger, seed), [OUTSIDE, OUTSIDE]);
      assert.deepEqual(await portsTold(world, neighbour, seed), [6881, 6881]);
      const found = new Set<number>();
      const collect = async (): Promise<void> => {
        for await (const { port } of dht.nodes[3]!.findPeers(infoHash)) found.add(port);
      };
      await world.complete(collect());
      assert.ok(found.has(OUTSIDE), [...found].join());
      await world.complete(seed.session.close());
      assert.equal(told.at(-1), `stopped ${OUTSIDE}`);
      await dht.close();
    }));

  test("a router that is itself behind another changes nothing of what others are told", () =>
    withWorld({ seed: 92 }, async (world) => {
      const { dht, told, seed } = await startSeed(world, "100.64.0.9");
      await world.run({ untilMs: world.timeMs + 60_000 });
      assert.deepEqual(told, ["started 6881"]);
      assert.equal(seed.session.discovery.portMappings.length, 2);
      const stranger = world.host({ address: "9.0.0.7" });
      assert.deepEqual(await portsTold(world, stranger, seed), [6881, 6881]);
      await world.complete(seed.session.close());
      await dht.close();
    }));
});
