import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import type { TorrentEvent } from "../torrent/status.ts";
import {
  endpointOf,
  holdsContent,
  placeContent,
  type SampleTorrent,
  sampleTorrent,
  startNode,
} from "./swarm-world.ts";

const KIB = 1024;

/** Torrents with the same seed have the same content where their lengths agree. */
function sample(
  version: "v1" | "v2" | "hybrid",
  pieceKib: number,
  ...kib: number[]
): SampleTorrent {
  return sampleTorrent({
    version,
    pieceLengthBytes: pieceKib * KIB,
    fileLengths: kib.map((length) => length * KIB),
  });
}

const HOST = { address: "10.0.0.2" };
const OLD = "/old";
const NEW = "/new";

describe("files that lie on disk already", () => {
  for (const [first, second] of [
    ["v2", "v2"],
    ["v1", "hybrid"],
    ["hybrid", "v2"],
  ] as const) {
    it(`of a ${first} torrent of the session, a ${second} torrent does not fetch again`, () =>
      withWorld({ seed: 1 }, async (world) => {
        const old = sample(first, 64, 300, 500);
        const wanted = sample(second, 32, 300, 500);
        const host = world.host(HOST);
        placeContent(host, old, OLD);
        const { session } = await startNode(world, {
          host,
          sample: old,
          torrent: { dir: OLD },
        });
        const torrent = await session.add(wanted.bytes, { dir: NEW });
        const events: TorrentEvent[] = [];
        torrent.on((event) => events.push(event));
        await world.complete(torrent.whenComplete(), 10_000);
        assert.ok(holdsContent(host, wanted, NEW));
        assert.ok(holdsContent(host, old, OLD));
        assert.equal(torrent.status().downloadedBytes, 0);
        const reused = events.flatMap((event) =>
          event.type === "reused" ? [event.file.from] : [],
        );
        assert.deepEqual(reused, [`${OLD}/sample/file-0.bin`, `${OLD}/sample/file-1.bin`]);
        await world.complete(session.close());
      }));
  }

  it("v1: pieces that reach into other files come from peers", () =>
    withWorld({ seed: 2 }, async (world) => {
      const wanted = sample("v1", 64, 300, 500, 100);
      const host = world.host(HOST);
      host.files.write("/shelf/deep/other name.bin", wanted.contents[1]!);
      const seed = await startNode(world, {
        host: { address: "10.0.0.1" },
        sample: wanted,
        seed: true,
      });
      const { torrent } = await startNode(world, {
        host,
        sample: wanted,
        torrent: { reuse: ["/shelf"], peers: [endpointOf(seed)] },
      });
      await world.complete(torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(host, wanted));
      // File 1 covers pieces 5 to 11 whole; 4 and 12 are shared.
      assert.equal(torrent.status().downloadedBytes, (900 - 7 * 64) * KIB);
    }));

  it("are left alone when they only have the same length, or differ somewhere", () =>
    withWorld({ seed: 3 }, async (world) => {
      const wanted = sample("v2", 64, 300, 500);
      const host = world.host(HOST);
      const damaged = wanted.contents[0]!.slice();
      damaged[200 * KIB]! ^= 1;
      host.files.write("/shelf/damaged", damaged);
      host.files.write("/shelf/zeros", new Uint8Array(500 * KIB));
      const { torrent } = await startNode(world, {
        host,
        sample: wanted,
        torrent: { reuse: ["/shelf", "/nowhere"] },
      });
      await world.complete(torrent.whenReady(), 60_000);
      assert.equal(torrent.status().verifiedPieces, 0);
      assert.deepEqual(host.files.paths().toSorted(), ["/shelf/damaged", "/shelf/zeros"]);
    }));

  it("are not looked for when the user says so, nor for files that nobody wants", () =>
    withWorld({ seed: 4 }, async (world) => {
      const old = sample("v2", 64, 300, 500);
      const wanted = sample("v2", 32, 300, 500);
      const host = world.host(HOST);
      placeContent(host, old, OLD);
      const { session } = await startNode(world, { host, sample: old, torrent: { dir: OLD } });
      const none = await session.add(wanted.bytes, { dir: NEW, reuse: false });
      await world.complete(none.whenReady(), 10_000);
      assert.equal(none.status().verifiedPieces, 0);
      await world.complete(session.remove(none));
      const one = await session.add(wanted.bytes, {
        dir: NEW,
        select: (_file, index) => index === 1,
      });
      await world.complete(one.whenComplete(), 10_000);
      assert.equal(host.files.read(`${NEW}/sample/file-0.bin`), null);
    }));

  it("replace nothing that is there", () =>
    withWorld({ seed: 5 }, async (world) => {
      const wanted = sample("v2", 64, 300, 500);
      const host = world.host(HOST);
      placeContent(host, wanted, OLD);
      host.files.write(`${NEW}/sample/file-0.bin`, new Uint8Array(300 * KIB));
      const { torrent } = await startNode(world, {
        host,
        sample: wanted,
        torrent: { dir: NEW, reuse: [OLD] },
      });
      await world.complete(torrent.whenReady(), 10_000);
      assert.equal(torrent.status().verifiedPieces, 8);
      assert.equal(host.files.read(`${NEW}/sample/file-0.bin`)![0], 0);
    }));

  it("make a torrent go on that had lost a file", () =>
    withWorld({ seed: 6 }, async (world) => {
      const wanted = sample("hybrid", 64, 300, 500);
      const host = world.host(HOST);
      placeContent(host, wanted);
      const first = await startNode(world, { host, sample: wanted });
      await world.complete(first.torrent.whenComplete());
      await world.complete(first.session.close());
      host.files.remove("/data/sample/file-1.bin");
      host.files.write("/shelf/copy", wanted.contents[1]!);
      const { torrent } = await startNode(world, {
        host,
        sample: wanted,
        torrent: { reuse: ["/shelf"] },
      });
      await world.complete(torrent.whenComplete(), 10_000);
      assert.ok(holdsContent(host, wanted));
    }));
});
