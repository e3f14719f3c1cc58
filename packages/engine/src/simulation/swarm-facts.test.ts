import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { swarmHashes } from "@shoal/protocol";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { dialScripted, seedScript } from "./scripted-peer.ts";
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

describe("what spreads in a swarm", () => {
  for (const seed of [21, 22, 23]) {
    it(`rarest first: what only the seed has is fetched before what everybody has (seed ${seed})`, () =>
      withWorld({ seed }, async (world) => {
        const sample = sampleOf(4 * MIB);
        const pieceCount = 64;
        const isRare = (piece: number) => piece % 4 === 0;
        const seeder = await startNode(world, {
          host: { address: "10.0.0.1", upBytesPerSecond: 100_000 },
          sample,
          seed: true,
        });
        const leecher = await startNode(world, { host: { address: "10.0.0.2" }, sample });
        const script = seedScript(sample);
        const have = new Uint8Array(pieceCount / 8);
        for (let piece = 0; piece < pieceCount; piece++)
          if (!isRare(piece)) have[piece >> 3]! |= 0x80 >> (piece & 7);
        for (let i = 0; i < 5; i++) {
          const host = world.host({ address: `10.0.1.${i + 1}`, upBytesPerSecond: 20_000 });
          await world.complete(
            dialScripted(host, endpointOf(leecher), {
              ...script,
              onOpen: (self) =>
                self.send(Uint8Array.of(0, 0, 0, 9, 5, ...have), Uint8Array.of(0, 0, 0, 1, 1)),
            }),
          );
        }
        await world.run({ untilMs: world.timeMs + 2000 });
        leecher.torrent.addPeers([endpointOf(seeder)]);
        const order: number[] = [];
        leecher.torrent.on((event) => {
          if (event.type === "piece") order.push(event.piece);
        });
        const rareCount = () => order.filter(isRare).length;
        await world.run({
          until: () => rareCount() === pieceCount / 4,
          limitMs: world.timeMs + 600_000,
        });
        // Pieces are under way, so the seed is asked for nothing else: the rare quarter came from it, and the
        // rest from those who have no other. At its end another piece may have begun.
        const from = leecher.torrent.peers.find(({ isSeed }) => isSeed)!;
        const sentPieces = from.downloadedBytes / (64 * KIB);
        assert.ok(sentPieces < pieceCount / 4 + 1, `the seed sent ${sentPieces} pieces`);
      }));
  }

  it("a seed that leaves once every piece is out, before it has sent two copies, is not missed", () =>
    withWorld({ seed: 22 }, async (world) => {
      const sample = sampleOf(4 * MIB);
      const line = { upBytesPerSecond: 500_000 };
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", ...line },
        sample,
        seed: true,
      });
      const leechers: Node[] = [];
      for (let i = 0; i < 6; i++) {
        leechers.push(
          await startNode(world, {
            host: { address: `10.0.1.${i + 1}`, ...line },
            sample,
            torrent: { peers: [seed, ...leechers].map(endpointOf) },
          }),
        );
      }
      const spread = new Set<number>();
      for (const { torrent } of leechers) {
        torrent.on((event) => {
          if (event.type === "piece") spread.add(event.piece);
        });
      }
      await world.run({ until: () => spread.size === 64, limitMs: 600_000 });
      const copies = seed.torrent.status().uploadedBytes / sample.metainfo.lengthBytes;
      await world.complete(seed.session.close());
      await world.complete(
        Promise.all(leechers.map((node) => node.torrent.whenComplete())),
        600_000,
      );
      for (const node of leechers) assert.ok(holdsContent(node.host, sample));
      assert.ok(copies < 2, `the seed sent ${copies} copies before all was spread`);
      await closeAll(world, leechers);
    }));

  it("sequential: pieces come in order", () =>
    withWorld({ seed: 23 }, async (world) => {
      const sample = sampleOf(2 * MIB);
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", upBytesPerSecond: 500_000 },
        sample,
        seed: true,
      });
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        torrent: { peers: [endpointOf(seed)], sequential: true },
      });
      const order: number[] = [];
      leecher.torrent.on((event) => {
        if (event.type === "piece") order.push(event.piece);
      });
      await world.complete(leecher.torrent.whenComplete());
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
    }));

  for (const version of ["v1", "v2", "hybrid"] as const) {
    it(`${version}: a selection downloads what it needs, and no file that is not wanted`, () =>
      withWorld({ seed: 24 }, async (world) => {
        const sample = sampleTorrent({
          version,
          pieceLengthBytes: 64 * KIB,
          fileLengths: [640 * KIB, 640 * KIB, 640 * KIB],
        });
        const seed = await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
        const leecher = await startNode(world, {
          host: { address: "10.0.0.2" },
          sample,
          torrent: { peers: [endpointOf(seed)], select: (_file, index) => index === 1 },
        });
        await world.complete(leecher.torrent.whenComplete());
        const status = leecher.torrent.status();
        assert.equal(status.wantedBytes, 640 * KIB);
        assert.equal(status.verifiedBytes, 640 * KIB);
        assert.equal(status.downloadedBytes, 640 * KIB);
        const [first, wanted, last] = sample.metainfo.files.map((file) =>
          leecher.host.files.read(["/data", ...file.path].join("/")),
        );
        assert.equal(Buffer.compare(wanted!, sample.contents[1]!), 0);
        assert.deepEqual([first, last], [null, null]);
        await closeAll(world, [seed, leecher]);
      }));
  }
});

describe("a network that fails", () => {
  it("after a partition has healed the download goes on", () =>
    withWorld({ seed: 31 }, async (world) => {
      const sample = sampleOf(2 * MIB);
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
      await world.run({ untilMs: world.timeMs + 5000 });
      world.partition([seed.host], [leecher.host]);
      await world.run({ untilMs: world.timeMs + 300_000 });
      assert.equal(leecher.torrent.peers.length, 0);
      world.heal();
      await world.complete(leecher.torrent.whenComplete(), 600_000);
      assert.ok(holdsContent(leecher.host, sample));
      await closeAll(world, [seed, leecher]);
    }));

  it("two that dial each other at the same moment keep one connection", () =>
    withWorld({ seed: 32 }, async (world) => {
      const sample = sampleOf(1 * MIB);
      const nodes = [
        await startNode(world, {
          host: { address: "10.0.0.1", upBytesPerSecond: 500_000 },
          sample,
          seed: true,
        }),
        await startNode(world, { host: { address: "10.0.0.2" }, sample }),
      ];
      nodes[0]!.torrent.addPeers([endpointOf(nodes[1]!)]);
      nodes[1]!.torrent.addPeers([endpointOf(nodes[0]!)]);
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.deepEqual(
        nodes.map((node) => node.torrent.peers.length),
        [1, 1],
      );
      await world.complete(nodes[1]!.torrent.whenComplete(), 5000);
      await closeAll(world, nodes);
    }));

  it("packets that are lost make it slower, not wrong", () =>
    withWorld({ seed: 33 }, async (world) => {
      const sample = sampleOf(2 * MIB);
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", lossRate: 0.02 },
        sample,
        seed: true,
      });
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2", lossRate: 0.02 },
        sample,
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.complete(leecher.torrent.whenComplete(), 600_000);
      assert.ok(holdsContent(leecher.host, sample));
    }));
});

describe("limits", () => {
  for (const where of ["session", "torrent"] as const) {
    for (const way of ["download", "upload"] as const) {
      it(`the ${where}'s ${way} limit holds exactly over time`, () =>
        withWorld({ seed: 41 }, async (world) => {
          const sample = sampleOf(8 * MIB);
          const limit = 200_000;
          const option = way === "download" ? { downloadLimit: limit } : { uploadLimit: limit };
          const limited = { [where]: option };
          const seed = await startNode(world, {
            host: { address: "10.0.0.1" },
            sample,
            seed: true,
            ...(way === "upload" ? limited : {}),
          });
          const leecher = await startNode(world, {
            host: { address: "10.0.0.2" },
            sample,
            ...(way === "download" ? limited : {}),
            torrent: {
              peers: [endpointOf(seed)],
              ...(way === "download" && where === "torrent" ? option : {}),
            },
          });
          const moved = () =>
            way === "download"
              ? leecher.torrent.status().downloadedBytes
              : seed.torrent.status().uploadedBytes;
          await world.run({ untilMs: world.timeMs + 5000 });
          const before = moved();
          await world.run({ untilMs: world.timeMs + 20_000 });
          const rate = (moved() - before) / 20;
          assert.ok(Math.abs(rate / limit - 1) < 0.03, `${rate} bytes/s at a limit of ${limit}`);
        }));
    }
  }

  it("one session's limit is shared by its torrents", () =>
    withWorld({ seed: 42 }, async (world) => {
      const samples = [sampleOf(4 * MIB, 1), sampleOf(4 * MIB, 2)];
      const seed = await startNode(world, {
        host: { address: "10.0.0.1" },
        sample: samples[0]!,
        seed: true,
      });
      placeContent(seed.host, samples[1]!, "/two");
      const second = await seed.session.add(samples[1]!.bytes, { dir: "/two" });
      await world.complete(second.whenComplete());
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample: samples[0]!,
        session: { downloadLimit: 100_000 },
        torrent: { peers: [endpointOf(seed)] },
      });
      const other = await leecher.session.add(samples[1]!.bytes, {
        dir: "/two",
        peers: [endpointOf(seed)],
      });
      const downloaded = () =>
        [leecher.torrent, other].map((torrent) => torrent.status().downloadedBytes);
      await world.run({ untilMs: world.timeMs + 5000 });
      const before = downloaded();
      await world.run({ untilMs: world.timeMs + 60_000 });
      const bytes = downloaded().map((after, index) => after - before[index]!);
      const total = bytes[0]! + bytes[1]!;
      assert.ok(Math.abs(total / 6_000_000 - 1) < 0.05, `${total} bytes in 60 s`);
      assert.ok(Math.min(...bytes) / total > 0.4, `shared as ${bytes.join(" and ")}`);
      leecher.session.setLimits({ download: null });
      await world.complete(Promise.all([leecher.torrent.whenComplete(), other.whenComplete()]));
      await closeAll(world, [seed, leecher]);
    }));

  it("sessions take no more connections than maxPeers, whoever opens them", () =>
    withWorld({ seed: 43 }, async (world) => {
      const sample = sampleOf(256 * KIB);
      const seed = await startNode(world, {
        host: { address: "10.0.0.1" },
        sample,
        seed: true,
        session: { maxPeers: 2 },
      });
      const [infoHash] = swarmHashes(sample.metainfo);
      for (let i = 0; i < 5; i++) {
        await world.complete(
          dialScripted(world.host({ address: `10.0.1.${i + 1}` }), endpointOf(seed), {
            infoHash: infoHash!,
          }),
        );
      }
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.equal(seed.torrent.peers.length, 2);
    }));

  it("one address takes half of a torrent's places at most, and the others stay for others", () =>
    withWorld({ seed: 44 }, async (world) => {
      const sample = sampleOf(256 * KIB);
      const seed = await startNode(world, {
        host: { address: "10.0.0.1" },
        sample,
        seed: true,
        session: { maxPeersPerTorrent: 20 },
      });
      const [infoHash] = swarmHashes(sample.metainfo);
      const crowd = world.host({ address: "10.0.1.1" });
      for (let i = 0; i < 15; i++) {
        await world.complete(dialScripted(crowd, endpointOf(seed), { infoHash: infoHash! }));
      }
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.equal(seed.torrent.peers.length, 10);
      const other = world.host({ address: "10.0.1.2" });
      await world.complete(dialScripted(other, endpointOf(seed), { infoHash: infoHash! }));
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.equal(seed.torrent.peers.length, 11);
    }));

  it("a newcomer with nothing to give is let in among peers that trade", () =>
    withWorld({ seed: 44 }, async (world) => {
      const sample = sampleOf(16 * MIB);
      const line = { upBytesPerSecond: 100_000 };
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", ...line },
        sample,
        seed: true,
      });
      const nodes = [seed];
      for (let i = 0; i < 5; i++) {
        nodes.push(
          await startNode(world, {
            host: { address: `10.0.1.${i + 1}`, ...line },
            sample,
            session: { uploadSlots: 4 },
            torrent: { peers: nodes.map(endpointOf) },
          }),
        );
      }
      await world.run({ untilMs: world.timeMs + 60_000 });
      const newcomer = await startNode(world, {
        host: { address: "10.0.2.1", ...line },
        sample,
        torrent: { peers: nodes.slice(1).map(endpointOf) },
      });
      await world.run({
        until: () => newcomer.torrent.status().verifiedPieces >= 4,
        limitMs: world.timeMs + 120_000,
      });
    }));
});
