import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import type { TorrentOptions } from "../torrent/options.ts";
import {
  endpointOf,
  holdsContent,
  type Node,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "./swarm-world.ts";

const PIECE = 64 * 1024;

/** Ten files, each of which shares pieces with the next: much goes through the part file. */
function createSample(): SampleTorrent {
  const fileLengths = Array.from({ length: 10 }, (_, index) => 2 * PIECE + 4096 * index + 7);
  return sampleTorrent({ version: "v1", pieceLengthBytes: PIECE, fileLengths });
}

async function startLeecher(
  world: SimWorld,
  host: Node["host"] | null,
  sample: SampleTorrent,
  torrent: Partial<TorrentOptions>,
): Promise<Node> {
  return await startNode(world, {
    host: host ?? { address: "10.0.0.2", diskSeekMs: 5, diskBytesPerSecond: 1e6 },
    sample,
    torrent,
  });
}

/** Runs a leecher that changes its mind again and again, up to `moment`, and crashes it. */
async function crashLeecher(world: SimWorld, moment: number, how: "process" | "power") {
  const sample = createSample();
  const seed = await startNode(world, {
    host: { address: "10.0.0.1", upBytesPerSecond: 150_000 },
    sample,
    seed: true,
  });
  const leecher = await startLeecher(world, null, sample, {
    peers: [endpointOf(seed)],
    select: (_file, index) => index % 2 === 0,
  });
  const verified = new Set<number>();
  leecher.torrent.on((event) => {
    if (event.type === "piece") verified.add(event.piece);
  });
  let turn = 0;
  leecher.host.clock.setRepeating(700, () => {
    const files = [turn % 10, (turn + 3) % 10];
    // The last one is under way when the host crashes, and never ends.
    void leecher.torrent.setFilePriority(files, turn++ % 3 === 0 ? "skip" : "normal");
  });
  await world.run({ untilMs: world.timeMs + moment });
  leecher.host.crash(how);
  return { sample, seed, host: leecher.host, verified };
}

describe("a client that is killed while files are selected and skipped", () => {
  for (let moment = 1; moment <= 12; moment++) {
    it(`in moment ${moment}: nothing verified is lost, also of the part file`, () =>
      withWorld({ seed: `kill parts ${moment}` }, async (world) => {
        const crashed = await crashLeecher(world, 400 + moment * 703, "process");
        const { sample, seed, verified } = crashed;
        const again = await startLeecher(world, world.restart(crashed.host), sample, {});
        await world.complete(again.torrent.whenReady());
        const { verifiedPieces } = again.torrent.status();
        assert.ok(verifiedPieces >= verified.size, `${verified.size}, now ${verifiedPieces}`);
        again.torrent.addPeers([endpointOf(seed)]);
        const all = sample.metainfo.files.map((_, index) => index);
        await world.complete(again.torrent.setFilePriority(all, "normal"));
        await world.complete(again.torrent.whenComplete(), 600_000);
        assert.ok(holdsContent(again.host, sample));
        assert.equal(again.host.files.paths().length, sample.metainfo.files.length);
      }));
  }
});

describe("a machine whose power is cut while files are selected and skipped", () => {
  for (let moment = 1; moment <= 8; moment++) {
    it(`in moment ${moment}: nothing is believed that the disk has lost`, () =>
      withWorld({ seed: `power parts ${moment}` }, async (world) => {
        const crashed = await crashLeecher(world, 300 + moment * 1571, "power");
        const { sample, seed } = crashed;
        await world.run({ untilMs: world.timeMs + 1000 });
        const again = await startLeecher(world, world.restart(crashed.host), sample, {
          peers: [endpointOf(seed)],
          select: () => true,
        });
        await world.complete(again.torrent.whenComplete(), 600_000);
        assert.ok(holdsContent(again.host, sample));
        assert.equal(again.host.files.paths().length, sample.metainfo.files.length);
      }));
  }
});
