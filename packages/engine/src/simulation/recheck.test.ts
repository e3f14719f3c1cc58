import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Bitfield } from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import { createSession } from "../session/create-session.ts";
import { DATA_DIR, endpointOf, placeContent, sampleTorrent, startNode } from "./swarm-world.ts";

const KIB = 1024;

function createSample() {
  return sampleTorrent({ version: "v1", pieceLengthBytes: 64 * KIB, fileLengths: [1024 * KIB] });
}

describe("rechecking", () => {
  it("finds what was changed behind the torrent's back, and fetches it again", () =>
    withWorld({ seed: 71 }, async (world) => {
      const sample = createSample();
      const seed = await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
      const { host, torrent } = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        seed: true,
        torrent: { peers: [endpointOf(seed)] },
      });
      const damaged = sample.contents[0]!.slice();
      damaged[5 * 64 * KIB] = damaged[5 * 64 * KIB]! ^ 1;
      host.files.write(`${DATA_DIR}/sample`, damaged);
      await world.complete(torrent.recheck());
      assert.equal(torrent.state, "checking");
      await world.complete(torrent.whenComplete(), 60_000);
      assert.equal(torrent.status().downloadedBytes, 64 * KIB);
      assert.ok(host.files.holds(`${DATA_DIR}/sample`, sample.contents[0]!));
    }));

  it("and a first check begin at nothing checked", () =>
    withWorld({ seed: 74 }, async (world) => {
      const sample = createSample();
      const { torrent } = await startNode(world, { host: { address: "10.0.0.2" }, sample });
      const seen = () => [torrent.state, torrent.status().checked];
      assert.deepEqual(seen(), ["checking", 0]);
      await world.complete(torrent.whenReady());
      assert.deepEqual(seen(), ["downloading", 1]);
      await world.complete(torrent.recheck());
      assert.deepEqual(seen(), ["checking", 0]);
    }));

  it("finds files that were put there since", () =>
    withWorld({ seed: 72 }, async (world) => {
      const sample = createSample();
      const { host, torrent } = await startNode(world, { host: { address: "10.0.0.2" }, sample });
      await world.complete(torrent.whenReady());
      assert.equal(torrent.status().verifiedPieces, 0);
      placeContent(host, sample);
      await world.complete(torrent.recheck());
      await world.complete(torrent.whenComplete(), 60_000);
      assert.equal(torrent.state, "seeding");
    }));

  it("keeps what its user chose of the files", () =>
    withWorld({ seed: 73 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [128 * KIB, 128 * KIB],
      });
      const { torrent } = await startNode(world, { host: { address: "10.0.0.2" }, sample });
      await world.complete(torrent.setFilePriority(1, "skip"));
      await world.complete(torrent.setSequential(true));
      await world.complete(torrent.recheck());
      await world.complete(torrent.whenReady());
      assert.deepEqual(
        torrent.files.map(({ priority }) => priority),
        [4, 0],
      );
      assert.equal(torrent.isSequential, true);
    }));

  it("tells which pieces are here, and how many peers have each", () =>
    withWorld({ seed: 74 }, async (world) => {
      const sample = createSample();
      const seed = await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
      const { torrent } = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        torrent: { peers: [endpointOf(seed)], downloadLimit: 64 * KIB },
      });
      assert.equal(torrent.pieces(), null);
      await world.run({ untilMs: world.timeMs + 3000 });
      const { pieceCount, have, availability } = torrent.pieces()!;
      assert.equal(pieceCount, 16);
      assert.equal(Bitfield.fromBytes(have, 16).count, torrent.status().verifiedPieces);
      assert.deepEqual([...availability], Array(16).fill(1));
    }));

  it("metadata of a torrent that sleeps is read without waking it", () =>
    withWorld({ seed: 75 }, async (world) => {
      const sample = createSample();
      const host = world.host({ address: "10.0.0.1" });
      placeContent(host, sample);
      const options = { runtime: host, host: host.address, restore: true };
      const session = await world.complete(createSession(options));
      const torrent = await world.complete(session.add(sample.bytes, { dir: DATA_DIR }));
      await world.complete(torrent.whenComplete());
      await world.run({ untilMs: world.timeMs + 120_000 });
      assert.equal(torrent.isAsleep, true);
      const metainfo = await world.complete(torrent.loadMetainfo());
      assert.deepEqual(metainfo?.v1?.infoHash, sample.metainfo.v1?.infoHash);
      assert.equal(torrent.isAsleep, true);
      assert.match(torrent.magnet, /^magnet:\?xt=urn:btih:/);
    }));
});
