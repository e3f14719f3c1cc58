import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import type { TorrentOptions } from "../torrent/options.ts";
import { dialScripted, type ScriptedPeer } from "./scripted-peer.ts";
import {
  endpointOf,
  holdsContent,
  type Node,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "./swarm-world.ts";

const KIB = 1024;

const createSample = (): SampleTorrent =>
  sampleTorrent({ version: "v1", pieceLengthBytes: 64 * KIB, fileLengths: [4096 * KIB] });

const startSeed = (
  world: SimWorld,
  sample: SampleTorrent,
  torrent: Partial<TorrentOptions>,
): Promise<Node> =>
  startNode(world, {
    host: { address: "10.0.0.1", upBytesPerSecond: 100_000 },
    sample,
    seed: true,
    torrent,
  });

/** Runs a swarm of five behind one seed until every piece is out. @returns copies that the seed sent. */
async function spread(world: SimWorld, torrent: Partial<TorrentOptions>): Promise<number> {
  const sample = createSample();
  const seed = await startSeed(world, sample, torrent);
  const leechers: Node[] = [];
  for (let i = 0; i < 5; i++) {
    const host = { address: `10.0.1.${i + 1}`, upBytesPerSecond: 100_000 };
    const peers = [seed, ...leechers].map(endpointOf);
    leechers.push(await startNode(world, { host, sample, torrent: { peers } }));
  }
  await world.complete(Promise.all(leechers.map((node) => node.torrent.whenComplete())), 600_000);
  const copies = seed.torrent.status().uploadedBytes / sample.metainfo.lengthBytes;
  for (const { host } of leechers) assert.ok(holdsContent(host, sample));
  await world.complete(Promise.all([seed, ...leechers].map((node) => node.session.close())));
  return copies;
}

/** Pieces that a scripted peer knows of, whatever way it was told. */
function knownTo(peer: ScriptedPeer): number {
  if (peer.heardOf("haveAll").length > 0) return 64;
  return new Set(peer.heardOf("have").map(({ piece }) => piece)).size;
}

describe("BEP 16: super seeding", () => {
  it("sends hardly anything twice, and its swarm completes", () =>
    withWorld({ seed: 81 }, async (world) => {
      const copies = await spread(world, { superSeeding: true });
      assert.ok(copies < 1.25, `it sent ${copies} copies`);
    }));

  it("looks like a peer that has nothing, and serves only what it told of", () =>
    withWorld({ seed: 82 }, async (world) => {
      const sample = createSample();
      const seed = await startSeed(world, sample, { superSeeding: true });
      const peers: ScriptedPeer[] = [];
      for (let i = 0; i < 3; i++) {
        const host = world.host({ address: `10.0.1.${i + 1}` });
        const script = {
          infoHash: sample.metainfo.v1!.infoHash,
          onOpen: (self: ScriptedPeer) => self.send(Uint8Array.of(0, 0, 0, 1, 15)),
        };
        peers.push(await world.complete(dialScripted(host, endpointOf(seed), script)));
      }
      await world.run({ untilMs: world.timeMs + 5000 });
      for (const peer of peers) {
        assert.equal(peer.heardOf("haveNone").length, 1);
        assert.equal(peer.heardOf("have").length, 1);
        assert.equal(peer.heardOf("allowedFast").length, 0);
        peer.send(Uint8Array.of(0, 0, 0, 1, 2));
      }
      await world.run({ untilMs: world.timeMs + 1000 });
      const [peer] = peers;
      const { piece } = peer!.heardOf("have")[0]!;
      const request = (index: number): void =>
        peer!.send(Uint8Array.of(0, 0, 0, 13, 6, 0, 0, 0, index, 0, 0, 0, 0, 0, 0, 0x40, 0));
      request(piece);
      request((piece + 1) % 64);
      await world.run({ untilMs: world.timeMs + 2000 });
      assert.deepEqual(
        peer!.blocks.map((block) => block.piece),
        [piece],
      );
      assert.deepEqual(
        peer!.heardOf("reject").map((reject) => reject.piece),
        [(piece + 1) % 64],
      );
      await world.complete(seed.session.close());
    }));

  it("is switched off while it runs: peers are told of all the rest", () =>
    withWorld({ seed: 83 }, async (world) => {
      const sample = createSample();
      const seed = await startSeed(world, sample, { superSeeding: true });
      const host = world.host({ address: "10.0.1.1" });
      const { infoHash } = sample.metainfo.v1!;
      const onOpen = (self: ScriptedPeer) => self.send(Uint8Array.of(0, 0, 0, 1, 15));
      const peer = await world.complete(dialScripted(host, endpointOf(seed), { infoHash, onOpen }));
      await world.run({ untilMs: world.timeMs + 2000 });
      assert.equal(knownTo(peer), 1);
      seed.torrent.setSuperSeeding(false);
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.equal(knownTo(peer), 64);
      await world.complete(seed.session.close());
    }));

  it("is switched on while it runs: leechers are told to forget (BEP 54), and complete", () =>
    withWorld({ seed: 84 }, async (world) => {
      const sample = createSample();
      const seed = await startSeed(world, sample, {});
      const leechers: Node[] = [];
      for (let i = 0; i < 3; i++) {
        const host = { address: `10.0.1.${i + 1}`, upBytesPerSecond: 100_000 };
        const peers = [seed, ...leechers].map(endpointOf);
        leechers.push(await startNode(world, { host, sample, torrent: { peers } }));
      }
      await world.run({ untilMs: world.timeMs + 5000 });
      seed.torrent.setSuperSeeding(true);
      await world.run({ untilMs: world.timeMs + 2000 });
      for (const { torrent } of leechers) {
        const view = torrent.peers.find(({ remote }) => remote.address === "10.0.0.1")!;
        assert.ok(view.progress < 0.5, `it knows of ${view.progress}`);
      }
      await world.complete(
        Promise.all(leechers.map((node) => node.torrent.whenComplete())),
        600_000,
      );
      await world.complete(Promise.all([seed, ...leechers].map((node) => node.session.close())));
    }));
});
