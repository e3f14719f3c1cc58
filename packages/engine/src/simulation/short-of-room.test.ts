import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { DiskError } from "@shoal/runtime";
import {
  endpointOf,
  holdsContent,
  type Node,
  placeContent,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "./swarm-world.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

function sampleOf(lengthBytes: number, seed = 1): SampleTorrent {
  return sampleTorrent({
    version: "v1",
    pieceLengthBytes: 64 * KIB,
    fileLengths: [lengthBytes],
    seed,
  });
}

/** Closes all nodes and proves that nothing is left: no memory, no timer, no socket. */
async function closeAll(world: SimWorld, nodes: readonly Node[]): Promise<void> {
  await world.complete(Promise.all(nodes.map((node) => node.session.close())));
  for (const node of nodes) assert.equal(node.host.disk.pool.usedBytes, 0, node.host.address);
  await assert.rejects(
    world.run({ until: () => false, limitMs: world.timeMs + 3_600_000 }),
    /Nothing is left to happen/,
  );
}

describe("memory and disk that run short", () => {
  it("a tiny pool under many peers spills, pauses sockets, and completes", () =>
    withWorld({ seed: 51 }, async (world) => {
      const sample = sampleOf(6 * MIB);
      const nodes: Node[] = [];
      for (let i = 0; i < 24; i++) {
        const host = { address: `10.0.1.${i + 1}`, upBytesPerSecond: 50_000, poolBytes: 256 * KIB };
        nodes.push(await startNode(world, { host, sample, seed: true }));
      }
      const leecher = await startNode(world, {
        host: { address: "10.0.0.1", poolBytes: 256 * KIB, diskBytesPerSecond: 2e6 },
        sample,
        torrent: { peers: nodes.map(endpointOf) },
      });
      await world.complete(leecher.torrent.whenComplete(), 600_000);
      assert.ok(holdsContent(leecher.host, sample));
      await closeAll(world, [...nodes, leecher]);
    }));

  it("a tiny pool under many leechers serves them all", () =>
    withWorld({ seed: 52 }, async (world) => {
      const sample = sampleOf(2 * MIB);
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", poolBytes: 64 * KIB, upBytesPerSecond: 1e6 },
        sample,
        seed: true,
        session: { uploadSlots: 100, maxPeersPerTorrent: 100 },
      });
      const nodes = [seed];
      for (let i = 0; i < 60; i++) {
        nodes.push(
          await startNode(world, {
            host: { address: `10.0.1.${i + 1}` },
            sample,
            torrent: { peers: [endpointOf(seed)] },
          }),
        );
      }
      await world.complete(
        Promise.all(nodes.map((node) => node.torrent.whenComplete())),
        1_200_000,
      );
      await closeAll(world, nodes);
    }));

  it("a full disk stops the torrent with DiskError `full`; with room made it resumes and completes", () =>
    withWorld({ seed: 53 }, async (world) => {
      const sample = sampleOf(2 * MIB);
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", upBytesPerSecond: 500_000 },
        sample,
        seed: true,
      });
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.run({ untilMs: world.timeMs + 2000 });
      leecher.host.files.fail("/data", "full");
      const failure = await world
        .complete(leecher.torrent.whenComplete(), 60_000)
        .catch((error: unknown) => error);
      assert.ok(failure instanceof DiskError && failure.code === "full", String(failure));
      assert.equal(leecher.torrent.state, "error");
      assert.equal(leecher.torrent.status().error, failure);
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.equal(leecher.torrent.peers.length, 0);
      const { verifiedPieces } = leecher.torrent.status();
      assert.ok(verifiedPieces > 0);
      leecher.host.files.fail("/data", null);
      leecher.torrent.resume();
      await world.complete(leecher.torrent.whenComplete(), 120_000);
      assert.ok(holdsContent(leecher.host, sample));
      assert.equal(leecher.torrent.status().error, null);
      await closeAll(world, [seed, leecher]);
    }));

  it("a disk that is full before the first byte says so, and resuming works there too", () =>
    withWorld({ seed: 54 }, async (world) => {
      const sample = sampleOf(512 * KIB);
      const seed = await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
      const host = world.host({ address: "10.0.0.2" });
      host.files.fail("/data", "denied");
      const leecher = await startNode(world, {
        host,
        sample,
        torrent: { peers: [endpointOf(seed)] },
      });
      await assert.rejects(world.complete(leecher.torrent.whenComplete(), 60_000), {
        code: "denied",
      });
      host.files.fail("/data", null);
      leecher.torrent.resume();
      await world.complete(leecher.torrent.whenComplete(), 120_000);
      await closeAll(world, [seed, leecher]);
    }));

  it("a seed whose file vanishes stops with an error, and its peers are told by the closing", () =>
    withWorld({ seed: 55 }, async (world) => {
      const sample = sampleOf(512 * KIB);
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", upBytesPerSecond: 50_000 },
        sample,
        seed: true,
      });
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.run({ untilMs: world.timeMs + 3000 });
      seed.host.files.remove("/data/sample");
      await world.run({
        until: () => seed.torrent.state === "error",
        limitMs: world.timeMs + 60_000,
      });
      assert.equal((seed.torrent.status().error as DiskError).code, "missing");
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.equal(leecher.torrent.peers.length, 0);
      await closeAll(world, [seed, leecher]);
    }));
});

describe("what is on disk already", () => {
  it("a magnet link whose files are here is seeded to the peer that sent the metadata", () =>
    withWorld({ seed: 61 }, async (world) => {
      const sample = sampleOf(1 * MIB);
      const magnet = `magnet:?xt=urn:btih:${Buffer.from(sample.metainfo.v1!.infoHash).toString("hex")}`;
      const leecher = await startNode(world, { host: { address: "10.0.0.1" }, sample });
      const host = world.host({ address: "10.0.0.2" });
      placeContent(host, sample);
      const seed = await startNode(world, {
        host,
        sample,
        source: magnet,
        torrent: { peers: [endpointOf(leecher)] },
      });
      await world.complete(seed.torrent.whenComplete(), 60_000);
      await world.complete(leecher.torrent.whenComplete(), 20_000);
      await closeAll(world, [seed, leecher]);
    }));

  it("pausing cuts all peers; resuming goes on", () =>
    withWorld({ seed: 62 }, async (world) => {
      const sample = sampleOf(1 * MIB);
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", upBytesPerSecond: 100_000 },
        sample,
        seed: true,
      });
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.run({ untilMs: world.timeMs + 3000 });
      leecher.torrent.pause();
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.equal(leecher.torrent.state, "paused");
      assert.deepEqual([seed.torrent.peers.length, leecher.torrent.peers.length], [0, 0]);
      const { downloadedBytes } = leecher.torrent.status();
      await world.run({ untilMs: world.timeMs + 60_000 });
      assert.equal(leecher.torrent.status().downloadedBytes, downloadedBytes);
      leecher.torrent.resume();
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      await closeAll(world, [seed, leecher]);
    }));
});
