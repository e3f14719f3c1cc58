import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatMagnet } from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import { DATA_DIR, endpointOf, placeContent, sampleTorrent, startNode } from "./swarm-world.ts";

const KIB = 1024;

function createSample() {
  return sampleTorrent({ version: "v1", pieceLengthBytes: 64 * KIB, fileLengths: [1024 * KIB] });
}

describe("pausing", () => {
  it("while files are checked lets the check go on, and no peer in until it is resumed", () =>
    withWorld({ seed: 91 }, async (world) => {
      const sample = createSample();
      const seed = await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
      const host = world.host({ address: "10.0.0.2", diskSeekMs: 100 });
      host.files.write(`${DATA_DIR}/sample`, sample.contents[0]!.subarray(0, 512 * KIB));
      const { torrent } = await startNode(world, {
        host,
        sample,
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.run({ untilMs: world.timeMs + 150 });
      assert.equal(torrent.state, "checking");
      torrent.pause();
      assert.equal(torrent.state, "paused");
      await world.run({ untilMs: world.timeMs + 60_000 });
      const { verifiedPieces, checked, downloadedBytes } = torrent.status();
      assert.deepEqual([verifiedPieces, checked, downloadedBytes], [8, 1, 0]);
      assert.equal(torrent.state, "paused");
      assert.equal(seed.torrent.peers.length, 0);
      torrent.resume();
      assert.equal(torrent.state, "downloading");
      await world.complete(torrent.whenComplete(), 60_000);
    }));

  it("and resuming while files are checked changes nothing: they are checked once", () =>
    withWorld({ seed: 92 }, async (world) => {
      const sample = createSample();
      const host = world.host({ address: "10.0.0.2", diskSeekMs: 100 });
      placeContent(host, sample);
      const { torrent } = await startNode(world, { host, sample });
      const heard: string[] = [];
      torrent.on((event) => heard.push(event.type === "state" ? event.state : event.type));
      await world.run({ untilMs: world.timeMs + 150 });
      torrent.pause();
      torrent.resume();
      assert.equal(torrent.state, "checking");
      await world.complete(torrent.whenComplete(), 60_000);
      await world.run({ untilMs: world.timeMs + 10_000 });
      assert.deepEqual(
        heard.filter((each) => each !== "piece"),
        ["paused", "checking", "checked", "downloading", "seeding", "complete"],
      );
    }));

  it("while a magnet link is opened connects to nobody until it is resumed", () =>
    withWorld({ seed: 93 }, async (world) => {
      const sample = createSample();
      const seed = await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
      const source = formatMagnet({
        infoHashV1: sample.metainfo.v1!.infoHash,
        infoHashV2: null,
      });
      const { torrent } = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        source,
        torrent: { peers: [endpointOf(seed)] },
      });
      torrent.pause();
      await world.run({ untilMs: world.timeMs + 60_000 });
      assert.equal(torrent.state, "paused");
      assert.equal(seed.torrent.peers.length, 0);
      torrent.resume();
      assert.equal(torrent.state, "metadata");
      await world.complete(torrent.whenComplete(), 60_000);
    }));

  it("is no failure of anybody's address: resumed, it connects to all at once", () =>
    withWorld({ seed: 94 }, async (world) => {
      const sample = createSample();
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", latencyMs: 200, upBytesPerSecond: 100_000 },
        sample,
        seed: true,
      });
      const { torrent } = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.run({ until: () => torrent.status().connectingPeers > 0, limitMs: 10_000 });
      torrent.pause();
      await world.run({ untilMs: world.timeMs + 1000 });
      torrent.resume();
      await world.run({ untilMs: world.timeMs + 5000 });
      assert.equal(torrent.peers.length, 1);
      torrent.pause();
      await world.run({ untilMs: world.timeMs + 1000 });
      torrent.resume();
      await world.run({ untilMs: world.timeMs + 5000 });
      assert.equal(torrent.status().knownAddresses, 1);
      await world.complete(torrent.whenComplete(), 10_000);
    }));
});
