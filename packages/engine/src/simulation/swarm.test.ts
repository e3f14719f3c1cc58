import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatMagnet } from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import { endpointOf, holdsContent, sampleTorrent, startNode } from "./swarm-world.ts";

const KIB = 1024;

describe("a swarm of one seed and one leecher", () => {
  for (const version of ["v1", "v2", "hybrid"] as const) {
    it(`${version}: the leecher gets every file, byte for byte`, () =>
      withWorld({ seed: 1 }, async (world) => {
        const sample = sampleTorrent({
          version,
          pieceLengthBytes: 64 * KIB,
          fileLengths: [300 * KIB + 17, 1, 64 * KIB, 1000 * KIB + 3],
        });
        const seed = await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
        const leecher = await startNode(world, {
          host: { address: "10.0.0.2" },
          sample,
          torrent: { peers: [endpointOf(seed)] },
        });
        await world.complete(leecher.torrent.whenComplete());
        assert.ok(holdsContent(leecher.host, sample));
        assert.equal(leecher.torrent.state, "seeding");
        assert.equal(leecher.torrent.status().wastedBytes, 0);
        await world.complete(Promise.all([leecher.session.close(), seed.session.close()]));
      }));

    it(`${version}: a magnet link is enough`, () =>
      withWorld({ seed: 2 }, async (world) => {
        const sample = sampleTorrent({
          version,
          pieceLengthBytes: 32 * KIB,
          fileLengths: [400 * KIB, 200 * KIB + 5],
        });
        const { v1, v2 } = sample.metainfo;
        const seed = await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
        const source = formatMagnet({
          infoHashV1: v1?.infoHash ?? null,
          infoHashV2: v2?.infoHash ?? null,
        });
        const leecher = await startNode(world, {
          host: { address: "10.0.0.2" },
          sample,
          source,
          torrent: { peers: [endpointOf(seed)] },
        });
        await world.complete(leecher.torrent.whenComplete());
        assert.ok(holdsContent(leecher.host, sample));
        await world.complete(Promise.all([leecher.session.close(), seed.session.close()]));
      }));
  }

  it("BEP 9, 53: a magnet link names peers, by host or address, and the files to download", () =>
    withWorld({ seed: 2 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 32 * KIB,
        fileLengths: [320 * KIB, 320 * KIB, 320 * KIB],
      });
      const seed = await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
      const source = formatMagnet({
        infoHashV1: sample.metainfo.v1!.infoHash,
        infoHashV2: null,
        peers: [
          { host: "no-such-host.example", port: 6881 },
          { host: "10.0.0.1", port: seed.session.port },
        ],
        selectOnly: [{ first: 1, last: 1 }],
      });
      const { torrent } = await startNode(world, { host: { address: "10.0.0.2" }, sample, source });
      await world.complete(torrent.whenComplete(), 60_000);
      assert.deepEqual(
        torrent.files.map((file) => file.wanted),
        [false, true, false],
      );
      assert.equal(torrent.status().downloadedBytes, 320 * KIB);
    }));

  for (const encryption of ["prefer", "require"] as const) {
    it(`MSE: encryption "${encryption}" on both sides carries the data encrypted`, () =>
      withWorld({ seed: 3 }, async (world) => {
        const sample = sampleTorrent({
          version: "v1",
          pieceLengthBytes: 64 * KIB,
          fileLengths: [500 * KIB],
        });
        const session = { encryption };
        const seed = await startNode(world, {
          host: { address: "10.0.0.1" },
          sample,
          seed: true,
          session,
        });
        const leecher = await startNode(world, {
          host: { address: "10.0.0.2" },
          sample,
          session,
          torrent: { peers: [endpointOf(seed)] },
        });
        const seen: boolean[] = [];
        leecher.torrent.on((event) => {
          if (event.type === "peer-connected") seen.push(event.peer.encrypted);
        });
        await world.complete(leecher.torrent.whenComplete());
        assert.deepEqual(seen, [true]);
        assert.ok(holdsContent(leecher.host, sample));
      }));
  }

  it("MSE: a leecher that allows encryption reaches a seed that requires it", () =>
    withWorld({ seed: 4 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [200 * KIB],
      });
      const seed = await startNode(world, {
        host: { address: "10.0.0.1" },
        sample,
        seed: true,
        session: { encryption: "require" },
      });
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.complete(leecher.torrent.whenComplete());
      assert.equal(leecher.torrent.peers[0]?.encrypted ?? true, true);
    }));

  it("fills a line of 2 MB/s with 100 ms of delay to nine tenths", () =>
    withWorld({ seed: 5 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 256 * KIB,
        fileLengths: [40 * KIB * KIB],
      });
      const seed = await startNode(world, {
        host: {
          address: "10.0.0.1",
          upBytesPerSecond: 2e6,
          latencyMs: 25,
          poolBytes: 8 * KIB * KIB,
        },
        sample,
        seed: true,
      });
      const startedMs = world.timeMs;
      const leecher = await startNode(world, {
        host: {
          address: "10.0.0.2",
          downBytesPerSecond: 10e6,
          latencyMs: 25,
          poolBytes: 8 * KIB * KIB,
        },
        sample,
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.complete(leecher.torrent.whenComplete());
      const tookS = (world.timeMs - startedMs) / 1000;
      assert.ok(tookS < (40 * KIB * KIB) / 2e6 / 0.9, `took ${tookS} s`);
    }));
});

describe("a swarm of several", () => {
  it("four seeds of 500 kB/s each serve a leecher four times as fast as one", () =>
    withWorld({ seed: 6 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 128 * KIB,
        fileLengths: [16 * KIB * KIB],
      });
      const times: number[] = [];
      for (const count of [1, 4]) {
        const seeds = [];
        for (let i = 0; i < count; i++) {
          const host = {
            address: `10.${count}.0.${i + 1}`,
            upBytesPerSecond: 5e5,
            poolBytes: 8 * KIB * KIB,
          };
          seeds.push(await startNode(world, { host, sample, seed: true }));
        }
        const startedMs = world.timeMs;
        const leecher = await startNode(world, {
          host: { address: `10.${count}.1.1`, poolBytes: 8 * KIB * KIB },
          sample,
          torrent: { peers: seeds.map(endpointOf) },
        });
        await world.complete(leecher.torrent.whenComplete());
        times.push(world.timeMs - startedMs);
      }
      assert.ok(times[0]! / times[1]! > 3.4, `took ${times.join(" and ")} ms`);
    }));

  it("the last piece is fetched once, however many could send it", () =>
    withWorld({ seed: 7 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 256 * KIB,
        fileLengths: [256 * KIB],
      });
      const seeds = [];
      for (let i = 0; i < 2; i++) {
        const host = { address: `10.0.0.${i + 1}`, upBytesPerSecond: 1e6, latencyMs: 20 };
        seeds.push(await startNode(world, { host, sample, seed: true }));
      }
      const leecher = await startNode(world, {
        host: { address: "10.0.1.1", latencyMs: 20 },
        sample,
        torrent: { peers: seeds.map(endpointOf) },
      });
      await world.complete(leecher.torrent.whenComplete());
      await world.run({ untilMs: world.timeMs + 10_000 });
      assert.equal(leecher.torrent.status().wastedBytes, 0);
      const sent = seeds.map((seed) => seed.torrent.status().uploadedBytes);
      assert.equal(sent[0]! + sent[1]!, 256 * KIB);
    }));

  it("leechers serve each other: ten of them need the seed for little more than one copy", () =>
    withWorld({ seed: 7 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [8 * KIB * KIB],
      });
      const line = { upBytesPerSecond: 1e6, downBytesPerSecond: 4e6, poolBytes: 4 * KIB * KIB };
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", ...line },
        sample,
        seed: true,
      });
      const nodes = [seed];
      for (let i = 0; i < 10; i++) {
        nodes.push(
          await startNode(world, {
            host: { address: `10.0.1.${i + 1}`, ...line },
            sample,
            torrent: { peers: nodes.map(endpointOf) },
          }),
        );
      }
      await world.complete(Promise.all(nodes.map((node) => node.torrent.whenComplete())));
      for (const node of nodes) assert.ok(holdsContent(node.host, sample));
      const copies = seed.torrent.status().uploadedBytes / sample.metainfo.lengthBytes;
      assert.ok(copies < 4, `the seed sent ${copies} copies`);
    }));
});
