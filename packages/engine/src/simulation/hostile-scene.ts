import assert from "node:assert/strict";
import { formatMagnet, swarmHashes } from "@shoal/protocol";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import type { SessionOptions } from "../session/session.ts";
import type { TorrentEvent } from "../torrent/status.ts";
import { dialScripted, type Script, type ScriptedPeer } from "./scripted-peer.ts";
import {
  endpointOf,
  holdsContent,
  type Node,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "./swarm-world.ts";

const KIB = 1024;

/** A victim with two torrents: the one under attack, and one that must not notice. */
export interface Scene {
  readonly world: SimWorld;
  readonly sample: SampleTorrent;
  readonly victim: Node;
  readonly events: TorrentEvent[];
  readonly infoHash: Uint8Array;
  /** A hostile host; each has its own address. */
  host(): SimHost;
  /** Connects a hostile peer to the victim. */
  attack(script?: Partial<Script>, from?: SimHost): Promise<ScriptedPeer>;
  /** Lets this many milliseconds pass. */
  pass(ms: number): Promise<void>;
  /** An honest seed of the torrent under attack. */
  honest(upBytesPerSecond?: number): Promise<Node>;
  /** Why the victim let its peers go, in order. */
  reasons(): (string | null)[];
}

/**
 * Runs a test against a victim that seeds or leeches, and then proves that nothing was harmed: the
 * victim's other torrent completes, and after closing no memory is held and nothing is left to happen.
 */
export function attackOn(
  role: "seed" | "leecher",
  test: (scene: Scene) => Promise<void>,
  options: {
    version?: "v1" | "v2";
    pieces?: number;
    magnet?: boolean;
    session?: Partial<SessionOptions>;
  } = {},
): Promise<void> {
  const { version = "v1", pieces = 24, magnet = false, session = {} } = options;
  return withWorld({ seed: 11 }, async (world) => {
    const sample = sampleTorrent({
      version,
      pieceLengthBytes: 64 * KIB,
      fileLengths: [pieces * 64 * KIB - 5000],
    });
    const other = sampleTorrent({
      version: "v1",
      pieceLengthBytes: 64 * KIB,
      fileLengths: [512 * KIB],
      seed: 2,
    });
    const { v1, v2 } = sample.metainfo;
    const [infoHash] = swarmHashes({ v1, v2 });
    const otherSeed = await startNode(world, {
      host: { address: "10.9.9.9", upBytesPerSecond: 100_000 },
      sample: other,
      seed: true,
    });
    const source = formatMagnet({
      infoHashV1: v1?.infoHash ?? null,
      infoHashV2: v2?.infoHash ?? null,
    });
    const victim = await startNode(world, {
      host: { address: "10.0.0.1" },
      sample,
      seed: role === "seed",
      session,
      ...(magnet ? { source } : {}),
    });
    const events: TorrentEvent[] = [];
    victim.torrent.on((event) => events.push(event));
    const bystander = await victim.session.add(other.bytes, {
      dir: "/other",
      peers: [endpointOf(otherSeed)],
    });
    const nodes = [otherSeed, victim];
    let hosts = 0;
    const host = (): SimHost => world.host({ address: `10.6.6.${++hosts}` });
    await test({
      world,
      sample,
      victim,
      events,
      infoHash: infoHash!,
      host,
      attack: (script, from = host()) =>
        world.complete(dialScripted(from, endpointOf(victim), { infoHash: infoHash!, ...script })),
      pass: (ms) => world.run({ untilMs: world.timeMs + ms }),
      async honest(upBytesPerSecond = 1e6) {
        const node = await startNode(world, {
          host: { address: `10.1.1.${nodes.length}`, upBytesPerSecond },
          sample,
          seed: true,
        });
        nodes.push(node);
        return node;
      },
      reasons: () =>
        events.flatMap((event) =>
          event.type === "peer-disconnected"
            ? [event.error === null ? null : (event.error as Error & { code: string }).code]
            : [],
        ),
    });
    await world.complete(bystander.whenComplete());
    assert.ok(holdsContent(victim.host, other, "/other"), "the other torrent was harmed");
    await world.complete(Promise.all(nodes.map((node) => node.session.close())));
    for (const node of nodes) assert.equal(node.host.disk.pool.usedBytes, 0);
    await assert.rejects(
      world.run({ until: () => false, limitMs: world.timeMs + 3_600_000 }),
      /Nothing is left to happen/,
    );
  });
}
