import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import {
  DATA_DIR,
  endpointOf,
  type Node,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "./swarm-world.ts";

const PIECE = 32 * 1024;

function createSample(): SampleTorrent {
  return sampleTorrent({
    version: "v1",
    pieceLengthBytes: PIECE,
    fileLengths: [5 * PIECE + 100, 6 * PIECE, 7 * PIECE - 100],
  });
}

async function startPair(
  world: SimWorld,
): Promise<{ sample: SampleTorrent; seed: Node; leecher: Node }> {
  const sample = createSample();
  const seed = await startNode(world, {
    host: { address: "10.0.0.1", upBytesPerSecond: 100_000 },
    sample,
    seed: true,
  });
  const leecher = await startNode(world, {
    host: { address: "10.0.0.2", diskSeekMs: 5, diskBytesPerSecond: 1e6 },
    sample,
    torrent: { peers: [endpointOf(seed)] },
  });
  return { sample, seed, leecher };
}

/** Whether a host's disk holds the sample at these paths, and nothing else. */
function holdsAt(host: SimHost, sample: SampleTorrent, names: readonly string[]): boolean {
  const isSame = names.every((name, index) => {
    const content = host.files.read(`${DATA_DIR}/${name}`);
    return content !== null && Buffer.compare(content, sample.contents[index]!) === 0;
  });
  return isSame && host.files.paths().length === names.length;
}

describe("files that get other names", () => {
  it("are downloaded on and served under them, and remembered", () =>
    withWorld({ seed: "rename" }, async (world) => {
      const { sample, seed, leecher } = await startPair(world);
      await world.run({ untilMs: world.timeMs + 2500 });
      await world.complete(leecher.torrent.renameFile(0, "sample/extras/../..//first: film.mkv"));
      await world.complete(leecher.torrent.renameFolder("sample", "Renamed"));
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      const names = ["Renamed/extras/first: film.mkv", "Renamed/file-1.bin", "Renamed/file-2.bin"];
      assert.ok(holdsAt(leecher.host, sample, names), leecher.host.files.paths().join(" "));
      assert.deepEqual(
        leecher.torrent.files.map((file) => file.path.join("/")),
        names,
      );
      await world.complete(leecher.session.close());
      await world.complete(leecher.host.close());
      await world.complete(seed.session.close());
      const again = await startNode(world, { host: world.restart(leecher.host), sample });
      await world.complete(again.torrent.whenComplete());
      assert.equal(again.torrent.status().verifiedPieces, 18);
    }));

  it("may not take each other's, also where letter case does not count", () =>
    withWorld({ seed: "taken" }, async (world) => {
      const { leecher } = await startPair(world);
      const taken = ["sample/FILE-1.bin", "sample", "sample/file-1.bin/below"];
      for (const name of taken) {
        await world.complete(
          assert.rejects(leecher.torrent.renameFile(0, name), { code: "name-taken" }),
        );
      }
      leecher.host.files.write(`${DATA_DIR}/foreign`, Buffer.from("foreign"));
      await world.run({ untilMs: world.timeMs + 2500 });
      await world.complete(
        assert.rejects(leecher.torrent.renameFile(0, "foreign"), { code: "exists" }),
      );
      await world.complete(assert.rejects(leecher.torrent.renameFile(7, "x"), RangeError));
      await world.complete(assert.rejects(leecher.torrent.renameFolder("no", "x"), RangeError));
      await world.complete(leecher.torrent.whenComplete(), 60_000);
    }));

  for (let moment = 1; moment <= 10; moment++) {
    it(`are found by either name when the program is killed, in moment ${moment}`, () =>
      withWorld({ seed: `kill rename ${moment}` }, async (world) => {
        const { sample, seed, leecher } = await startPair(world);
        const verified = new Set<number>();
        leecher.torrent.on((event) => {
          if (event.type === "piece") verified.add(event.piece);
        });
        let turn = 0;
        leecher.host.clock.setRepeating(170, () => {
          const [from, to] =
            turn % 2 === 0 ? ["sample", "other/sample"] : ["other/sample", "sample"];
          turn++;
          leecher.torrent.renameFolder(from, to).catch(() => {});
        });
        await world.run({ untilMs: world.timeMs + 1000 + moment * 391 });
        leecher.host.crash();
        const again = await startNode(world, { host: world.restart(leecher.host), sample });
        await world.complete(again.torrent.whenReady());
        const { verifiedPieces } = again.torrent.status();
        assert.ok(verifiedPieces >= verified.size, `${verified.size}, now ${verifiedPieces}`);
        again.torrent.addPeers([endpointOf(seed)]);
        await world.complete(again.torrent.whenComplete(), 60_000);
        const names = again.torrent.files.map((file) => file.path.join("/"));
        assert.ok(holdsAt(again.host, sample, names), again.host.files.paths().join(" "));
      }));
  }
});

describe("a torrent that is removed", () => {
  it("takes its files with it when asked, and nothing else", () =>
    withWorld({ seed: "remove" }, async (world) => {
      const { leecher } = await startPair(world);
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      await world.complete(leecher.torrent.renameFile(1, "sample/renamed"));
      leecher.host.files.write(`${DATA_DIR}/sample/foreign`, Buffer.from("foreign"));
      await world.complete(leecher.session.remove(leecher.torrent, { deleteFiles: true }));
      assert.deepEqual(leecher.host.files.paths(), [`${DATA_DIR}/sample/foreign`]);
      assert.deepEqual(leecher.session.torrents, []);
    }));

  it("leaves its files otherwise, but not the hidden part file", () =>
    withWorld({ seed: "remove parts" }, async (world) => {
      const { leecher } = await startPair(world);
      await world.complete(leecher.torrent.setFilePriority([0, 2], "skip"));
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      await world.complete(leecher.session.remove(leecher.torrent));
      assert.deepEqual(leecher.host.files.paths(), [`${DATA_DIR}/sample/file-1.bin`]);
    }));
});
