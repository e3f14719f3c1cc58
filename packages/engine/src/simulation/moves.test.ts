import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import {
  DATA_DIR,
  endpointOf,
  holdsContent,
  type Node,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "./swarm-world.ts";

const PIECE = 32 * 1024;
const OTHER_DIR = "/other/place";

async function startPair(
  world: SimWorld,
): Promise<{ sample: SampleTorrent; seed: Node; leecher: Node; verified: Set<number> }> {
  const fileLengths = [5 * PIECE + 100, 6 * PIECE, 7 * PIECE - 100, 3 * PIECE];
  const sample = sampleTorrent({ version: "v1", pieceLengthBytes: PIECE, fileLengths });
  const seed = await startNode(world, {
    host: { address: "10.0.0.1", upBytesPerSecond: 100_000 },
    sample,
    seed: true,
  });
  const leecher = await startNode(world, {
    host: { address: "10.0.0.2", diskSeekMs: 5, diskBytesPerSecond: 400_000 },
    sample,
    torrent: { peers: [endpointOf(seed)] },
  });
  const verified = new Set<number>();
  leecher.torrent.on((event) => {
    if (event.type === "piece") verified.add(event.piece);
  });
  return { sample, seed, leecher, verified };
}

function pathsBelow(node: Node, dir: string): string[] {
  return node.host.files.paths().filter((path) => path.startsWith(`${dir}/`));
}

describe("a torrent that is moved while it runs", () => {
  it("goes on downloading, and has everything in the new folder and nothing in the old", () =>
    withWorld({ seed: "move" }, async (world) => {
      const { sample, leecher } = await startPair(world);
      const { torrent } = leecher;
      await world.complete(torrent.setFilePriority(3, "skip"));
      await world.run({ untilMs: world.timeMs + 3000 });
      const moving = torrent.move(OTHER_DIR);
      await world.run({ untilMs: world.timeMs + 500 });
      assert.ok(torrent.status().moving !== null && torrent.dir === DATA_DIR);
      await world.complete(moving);
      assert.deepEqual([torrent.status().moving, torrent.dir], [null, OTHER_DIR]);
      assert.deepEqual(pathsBelow(leecher, DATA_DIR), []);
      await world.complete(torrent.setFilePriority(3, "normal"));
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(leecher.host, sample, OTHER_DIR));
      assert.equal(torrent.status().downloadedBytes, 21 * PIECE);
    }));

  it("stays where it is when something stands in the way", () =>
    withWorld({ seed: "in the way" }, async (world) => {
      const { sample, leecher } = await startPair(world);
      leecher.host.files.write(`${OTHER_DIR}/sample/file-1.bin`, Buffer.from("foreign"));
      await world.run({ untilMs: world.timeMs + 2000 });
      await world.complete(assert.rejects(leecher.torrent.move(OTHER_DIR), { code: "exists" }));
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(leecher.host, sample));
      assert.deepEqual(pathsBelow(leecher, OTHER_DIR), [`${OTHER_DIR}/sample/file-1.bin`]);
    }));

  for (const how of ["process", "power"] as const) {
    for (let moment = 1; moment <= 12; moment++) {
      it(`is whole and in one place after a crash (${how}) in moment ${moment}`, () =>
        withWorld({ seed: `move ${how} ${moment}` }, async (world) => {
          const { sample, seed, leecher, verified } = await startPair(world);
          await world.run({ untilMs: world.timeMs + 3000 });
          leecher.torrent.move(OTHER_DIR).catch(() => {});
          await world.run({ untilMs: world.timeMs + moment * 149 });
          leecher.host.crash(how);
          if (how === "power") await world.run({ untilMs: world.timeMs + 1000 });
          const again = await startNode(world, { host: world.restart(leecher.host), sample });
          await world.complete(again.torrent.whenReady());
          const { verifiedPieces } = again.torrent.status();
          if (how === "process") {
            assert.ok(verifiedPieces >= verified.size, `${verified.size}, now ${verifiedPieces}`);
          }
          again.torrent.addPeers([endpointOf(seed)]);
          await world.complete(again.torrent.whenComplete(), 60_000);
          // What was begun is carried on, unless the power went before it was written down.
          await world.run({ untilMs: world.timeMs + 60_000 });
          const { dir } = again.torrent;
          assert.ok(holdsContent(again.host, sample, dir), again.host.files.paths().join(" "));
          const elsewhere = dir === OTHER_DIR ? DATA_DIR : OTHER_DIR;
          assert.deepEqual(pathsBelow(again, elsewhere), []);
          if (how === "process") assert.equal(dir, OTHER_DIR);
        }));
    }
  }
});
