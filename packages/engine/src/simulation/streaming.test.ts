import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import type { TorrentOptions } from "../torrent/options.ts";
import {
  endpointOf,
  type Node,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "./swarm-world.ts";

const KIB = 1024;
const PIECE = 64 * KIB;
const FILM = 1;

/** A film of 6 MiB between two small files, none of which ends where a piece does. */
function createSample(): SampleTorrent {
  return sampleTorrent({
    version: "v1",
    pieceLengthBytes: PIECE,
    fileLengths: [10 * KIB, 6 * 1024 * KIB + 333, 20 * KIB],
  });
}

async function startSwarm(
  world: SimWorld,
  seedRates: readonly number[],
  torrent: Partial<TorrentOptions> = {},
): Promise<{ sample: SampleTorrent; seeds: Node[]; leecher: Node }> {
  const sample = createSample();
  const seeds: Node[] = [];
  for (const [index, upBytesPerSecond] of seedRates.entries()) {
    const host = { address: `10.0.1.${index + 1}`, upBytesPerSecond };
    seeds.push(await startNode(world, { host, sample, seed: true }));
  }
  const leecher = await startNode(world, {
    host: { address: "10.0.0.2" },
    sample,
    torrent: { peers: seeds.map(endpointOf), ...torrent },
  });
  return { sample, seeds, leecher };
}

/** Reads to the end, or up to `limitBytes`. */
async function readAll(
  stream: AsyncIterable<Uint8Array>,
  limitBytes = Infinity,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let lengthBytes = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    lengthBytes += chunk.length;
    if (lengthBytes >= limitBytes) break;
  }
  return Buffer.concat(chunks);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

describe("a file that is read while it comes", () => {
  it("comes whole and in order, though the torrent picks the rarest first", () =>
    withWorld({ seed: "stream" }, async (world) => {
      const { sample, leecher } = await startSwarm(world, [400_000]);
      const read = await world.complete(readAll(leecher.torrent.stream(FILM)), 60_000);
      assert.ok(isSame(read, sample.contents[FILM]!));
      await world.complete(leecher.torrent.whenComplete(), 60_000);
    }));

  it("begins at once, long before the torrent is complete", () =>
    withWorld({ seed: "begin" }, async (world) => {
      const { sample, leecher } = await startSwarm(world, [200_000]);
      await world.complete(leecher.torrent.whenReady());
      await world.run({ untilMs: world.timeMs + 3000 });
      const middle = 3 * 1024 * KIB + 17;
      const stream = leecher.torrent.stream(FILM, { start: middle, end: middle + 300 * KIB });
      const startMs = world.timeMs;
      const read = await world.complete(readAll(stream), 60_000);
      assert.ok(isSame(read, sample.contents[FILM]!.subarray(middle, middle + 300 * KIB)));
      // 300 KiB at 200 kB/s, and what was asked for before.
      assert.ok(world.timeMs - startMs < 5000, `${world.timeMs - startMs} ms`);
      assert.ok(leecher.torrent.status().verifiedPieces < 50);
    }));

  it("a slow peer does not hold it up", () =>
    withWorld({ seed: "slow peer" }, async (world) => {
      const { sample, leecher } = await startSwarm(world, [600_000, 6000, 6000]);
      const startMs = world.timeMs;
      const read = await world.complete(readAll(leecher.torrent.stream(FILM)), 120_000);
      assert.ok(isSame(read, sample.contents[FILM]!));
      // Alone the fast one needs 10.5 s, and some for all to find each other's pace.
      assert.ok(world.timeMs - startMs < 16_000, `${world.timeMs - startMs} ms`);
    }));

  it("several readers are served together, and one that seeks leaves its old window", () =>
    withWorld({ seed: "readers" }, async (world) => {
      const { sample, leecher } = await startSwarm(world, [500_000, 500_000]);
      const film = sample.contents[FILM]!;
      const { torrent } = leecher;
      const first = readAll(torrent.stream(FILM), 200 * KIB);
      const index = readAll(torrent.stream(FILM, { start: film.length - 50 * KIB }));
      const [head, tail] = await world.complete(Promise.all([first, index]), 10_000);
      assert.ok(isSame(head, film.subarray(0, head.length)));
      assert.ok(isSame(tail, film.subarray(-50 * KIB)));
      const startMs = world.timeMs;
      const start = 4 * 1024 * KIB;
      const sought = await world.complete(
        readAll(torrent.stream(FILM, { start }), 100 * KIB),
        9000,
      );
      assert.ok(isSame(sought, film.subarray(start, start + sought.length)));
      assert.ok(world.timeMs - startMs < 3000, `${world.timeMs - startMs} ms`);
    }));

  it("a skipped file is selected by reading it", () =>
    withWorld({ seed: "skipped" }, async (world) => {
      const { sample, leecher } = await startSwarm(world, [900_000], { select: () => false });
      const read = await world.complete(readAll(leecher.torrent.stream(FILM)), 60_000);
      assert.ok(isSame(read, sample.contents[FILM]!));
      assert.deepEqual(
        leecher.torrent.files.map((file) => file.wanted),
        [false, true, false],
      );
    }));

  it("ends with the signal's reason, and refuses ranges that are not there", () =>
    withWorld({ seed: "abort" }, async (world) => {
      const { leecher } = await startSwarm(world, [1000]);
      const { torrent } = leecher;
      const aborting = new AbortController();
      const reading = assert.rejects(
        readAll(torrent.stream(FILM, { signal: aborting.signal })),
        /enough/,
      );
      await world.run({ untilMs: world.timeMs + 2000 });
      aborting.abort(new Error("enough"));
      await world.complete(reading);
      for (const options of [{ start: -1 }, { start: 2, end: 1 }, { end: 7 * 1024 * KIB }]) {
        await world.complete(assert.rejects(readAll(torrent.stream(FILM, options)), RangeError));
      }
      await world.complete(assert.rejects(readAll(torrent.stream(3)), RangeError));
      assert.deepEqual(
        await world.complete(readAll(torrent.stream(FILM, { end: 0 }))),
        Buffer.of(),
      );
    }));

  it("ends with an error when the torrent is closed", () =>
    withWorld({ seed: "closed" }, async (world) => {
      const { leecher } = await startSwarm(world, [1000]);
      const reading = assert.rejects(readAll(leecher.torrent.stream(FILM)), { code: "closed" });
      await world.run({ untilMs: world.timeMs + 2000 });
      await world.complete(leecher.session.close());
      await world.complete(reading);
    }));
});

describe("the order of pieces", () => {
  it("is changed while the torrent runs, and outlasts a kill", () =>
    withWorld({ seed: "sequential" }, async (world) => {
      const { sample, seeds, leecher } = await startSwarm(world, [300_000]);
      await world.run({ untilMs: world.timeMs + 1500 });
      await world.complete(leecher.torrent.setSequential(true));
      await world.complete(leecher.torrent.setEndsFirst(true));
      leecher.host.crash();
      const host = world.restart(leecher.host);
      const again = await startNode(world, { host, sample });
      await world.complete(again.torrent.whenReady());
      const pieces: number[] = [];
      again.torrent.on((event) => {
        if (event.type === "piece") pieces.push(event.piece);
      });
      again.torrent.addPeers(seeds.map(endpointOf));
      await world.complete(again.torrent.whenComplete(), 60_000);
      // First what a choking peer allows, then the ends of the files, then all others in order.
      const ends = Math.max(...[0, 96].map((piece) => pieces.indexOf(piece)));
      assert.ok(ends < 13, pieces.join(" "));
      // Pieces that were under way in both ways end as they come.
      const rest = pieces.slice(ends + 9);
      assert.deepEqual(
        rest,
        rest.toSorted((a, b) => a - b),
      );
      assert.ok(rest.length > 60);
    }));
});
