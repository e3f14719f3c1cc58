import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import type { TorrentOptions } from "../torrent/options.ts";
import {
  DATA_DIR,
  endpointOf,
  holdsContent,
  type Node,
  sampleTorrent,
  startNode,
} from "./swarm-world.ts";

const KIB = 1024;
const PIECE = 32 * KIB;

/** Three files, each of which shares its last piece with the next. */
function createSample() {
  return sampleTorrent({
    version: "v1",
    pieceLengthBytes: PIECE,
    fileLengths: [10 * PIECE + 100, 10 * PIECE, 10 * PIECE - 100],
  });
}

async function startPair(
  world: SimWorld,
  torrent: Partial<TorrentOptions>,
  sample = createSample(),
): Promise<{ seed: Node; leecher: Node; sample: typeof sample }> {
  const seed = await startNode(world, {
    host: { address: "10.0.0.1", upBytesPerSecond: 200_000 },
    sample,
    seed: true,
  });
  const leecher = await startNode(world, {
    host: { address: "10.0.0.2" },
    sample,
    torrent: { peers: [endpointOf(seed)], ...torrent },
  });
  return { seed, leecher, sample };
}

function contentOf({ host }: Node, index: number): Uint8Array | null {
  return host.files.read(`${DATA_DIR}/sample/file-${index}.bin`);
}

describe("files of a torrent that is running", () => {
  it("only what is wanted comes, and it is complete then", () =>
    withWorld({ seed: "select" }, async (world) => {
      const { leecher, sample } = await startPair(world, { select: (_file, index) => index === 1 });
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      const { wantedBytes, verifiedBytes, downloadedBytes } = leecher.torrent.status();
      assert.deepEqual([wantedBytes, verifiedBytes], [10 * PIECE, 10 * PIECE]);
      assert.equal(downloadedBytes, 11 * PIECE);
      assert.deepEqual(contentOf(leecher, 1), sample.contents[1]);
      // What its first and last piece have of the neighbours lies apart: these are not made.
      assert.deepEqual([contentOf(leecher, 0), contentOf(leecher, 2)], [null, null]);
      assert.deepEqual(leecher.host.files.paths().toSorted(), [
        `${DATA_DIR}/.${leecher.torrent.infoHash}.parts`,
        `${DATA_DIR}/sample/file-1.bin`,
      ]);
      const [before, , after] = leecher.torrent.files;
      assert.deepEqual([before?.doneBytes, after?.doneBytes], [100, PIECE - 100]);
    }));

  it("what is selected later comes later, and only what is missing of it", () =>
    withWorld({ seed: "select later" }, async (world) => {
      const { leecher, sample } = await startPair(world, { select: (_file, index) => index === 1 });
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      await world.complete(leecher.torrent.setFilePriority(0, "normal"));
      assert.equal(leecher.torrent.state, "downloading");
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      assert.equal(leecher.torrent.status().downloadedBytes, 21 * PIECE);
      assert.deepEqual(contentOf(leecher, 0), sample.contents[0]);
      assert.deepEqual(contentOf(leecher, 1), sample.contents[1]);
    }));

  it("the part file goes once everything is selected, and what it had is kept", () =>
    withWorld({ seed: "part file" }, async (world) => {
      const { leecher, sample } = await startPair(world, { select: (_file, index) => index === 1 });
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      await world.complete(leecher.torrent.setFilePriority([0, 2], "low"));
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      assert.equal(leecher.torrent.status().downloadedBytes, 30 * PIECE);
      assert.ok(holdsContent(leecher.host, sample));
      assert.equal(leecher.host.files.paths().length, 3);
    }));

  it("pieces whose bytes lie in the part file are served to peers", () =>
    withWorld({ seed: "serve parts" }, async (world) => {
      const { leecher, seed, sample } = await startPair(world, {
        select: (_file, index) => index === 1,
      });
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      await world.complete(seed.session.close());
      const other = await startNode(world, {
        host: { address: "10.0.0.3" },
        sample,
        torrent: { peers: [endpointOf(leecher)], select: (_file, index) => index === 1 },
      });
      await world.complete(other.torrent.whenComplete(), 60_000);
      assert.deepEqual(contentOf(other, 1), sample.contents[1]);
      assert.equal(other.torrent.status().downloadedBytes, 11 * PIECE);
    }));

  it("a file that is skipped half-way is not asked for any more", () =>
    withWorld({ seed: "skip" }, async (world) => {
      const { leecher } = await startPair(world, {});
      await world.run({ untilMs: world.timeMs + 2000 });
      await world.complete(leecher.torrent.setFilePriority([0, 2], "skip"));
      const { downloadedBytes } = leecher.torrent.status();
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      const came = leecher.torrent.status().downloadedBytes - downloadedBytes;
      const done = leecher.torrent.files[1]!.doneBytes;
      assert.equal(done, 10 * PIECE);
      // What was on its way when the requests were taken back, beside the wanted file.
      assert.ok(came <= 11 * PIECE + 8 * PIECE, `${came} bytes came`);
      assert.equal(leecher.torrent.state, "seeding");
    }));

  it("files of higher priority are complete first", () =>
    withWorld({ seed: "priorities" }, async (world) => {
      const { leecher } = await startPair(world, {
        select: (_file, index) => (index === 2 ? 7 : index === 0 ? 1 : 4),
      });
      const finished: number[] = [];
      leecher.torrent.on((event) => {
        if (event.type !== "piece") return;
        leecher.torrent.files.forEach((file, index) => {
          if (file.doneBytes === file.lengthBytes && !finished.includes(index))
            finished.push(index);
        });
      });
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      assert.deepEqual(finished, [2, 1, 0]);
    }));

  it("what was chosen outlasts a kill", () =>
    withWorld({ seed: "remember" }, async (world) => {
      const { leecher, seed, sample } = await startPair(world, {});
      await world.run({ untilMs: world.timeMs + 1000 });
      await world.complete(leecher.torrent.setFilePriority([0, 2], 0));
      leecher.host.crash();
      const again = await startNode(world, {
        host: world.restart(leecher.host),
        sample,
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.complete(again.torrent.whenComplete(), 60_000);
      assert.deepEqual(
        again.torrent.files.map((file) => file.priority),
        [0, 4, 0],
      );
      assert.ok(again.torrent.files[2]!.doneBytes < 10 * PIECE - 100);
    }));
});
