import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeBitfield,
  encodeDontHave,
  encodeExtended,
  encodeExtensionHandshake,
  encodeHaveAll,
  encodeUnchoke,
} from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import { attackOn } from "./hostile-scene.ts";
import type { ScriptedPeer } from "./scripted-peer.ts";
import { DATA_DIR, endpointOf, holdsContent, sampleTorrent, startNode } from "./swarm-world.ts";

const KIB = 1024;

/** Pieces 0 to 9 are the first file's, 10 to 19 the second's. */
const createSample = () =>
  sampleTorrent({
    version: "v1",
    pieceLengthBytes: 64 * KIB,
    fileLengths: [640 * KIB, 640 * KIB],
  });

/** The ID that a session takes an extension under. */
function idOf(peer: ScriptedPeer, name: string): number {
  const [handshake] = peer.heardOf("extended").filter(({ id }) => id === 0);
  const text = Buffer.from(handshake!.payload).toString("latin1");
  return Number(new RegExp(`${name.length}:${name}i(\\d+)e`).exec(text)![1]);
}

describe("BEP 21: partial seeds", () => {
  it("tell that they want nothing, and stay with those that lack what they have", () =>
    withWorld({ seed: 71 }, async (world) => {
      const sample = createSample();
      const seed = await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
      const partial = await startNode(world, {
        host: { address: "10.0.0.2", upBytesPerSecond: 50_000 },
        sample,
        torrent: { peers: [endpointOf(seed)], select: (_file, index) => index === 0 },
      });
      await world.complete(partial.torrent.whenComplete());
      await world.run({ untilMs: world.timeMs + 3000 });
      assert.deepEqual(partial.torrent.peers, [], "the seed has nothing that it wants");
      const leecher = await startNode(world, {
        host: { address: "10.0.0.3" },
        sample,
        torrent: { peers: [endpointOf(partial)] },
      });
      await world.run({ untilMs: world.timeMs + 5000 });
      const [view] = leecher.torrent.peers;
      assert.deepEqual([view!.uploadOnly, view!.isSeed], [true, false]);
      const status = leecher.torrent.status();
      assert.deepEqual([status.connectedSeeds, status.connectedLeechers], [0, 1]);
      assert.ok(status.availability < 1);
      await world.run({ untilMs: world.timeMs + 30_000 });
      assert.equal(leecher.torrent.status().verifiedPieces, 10);
      assert.deepEqual(leecher.torrent.peers, [], "it has got all that there was to get");
      await world.complete(
        Promise.all([seed, partial, leecher].map((node) => node.session.close())),
      );
    }));

  it("two of them part at once; one that wants more again comes back for it", () =>
    withWorld({ seed: 72 }, async (world) => {
      const sample = createSample();
      const seed = await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
      const partial = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        torrent: { peers: [endpointOf(seed)], select: (_file, index) => index === 0 },
      });
      await world.complete(partial.torrent.whenComplete());
      await world.run({ untilMs: world.timeMs + 60_000 });
      assert.deepEqual(partial.torrent.peers, []);
      await world.complete(partial.torrent.setFilePriority(1, "normal"));
      await world.complete(partial.torrent.whenComplete(), 20_000);
      assert.ok(holdsContent(partial.host, sample));
      await world.complete(Promise.all([seed, partial].map((node) => node.session.close())));
    }));

  it("one that says so in a later message is let go by a seed", () =>
    attackOn("seed", async (scene) => {
      const peer = await scene.attack({
        onOpen: (self) => {
          const hello = encodeExtensionHandshake({ extensions: { upload_only: 3 } });
          self.send(encodeExtended(0, hello), encodeBitfield(new Uint8Array(3)));
        },
      });
      await scene.pass(2000);
      assert.equal(peer.isClosed, false);
      peer.send(encodeExtended(idOf(peer, "upload_only"), Uint8Array.of(1)));
      await scene.pass(1000);
      assert.deepEqual(scene.reasons(), ["not-useful"]);
    }));
});

describe("BEP 54: pieces that are gone", () => {
  it("of a peer are not asked for, and what was asked for is asked of others", () =>
    attackOn("leecher", async (scene) => {
      const forgetful = await scene.attack({
        onOpen: (self) => {
          const hello = encodeExtensionHandshake({ extensions: { lt_donthave: 4 } });
          self.send(encodeExtended(0, hello), encodeHaveAll(), encodeUnchoke());
        },
      });
      await scene.pass(1000);
      const asked = new Set(forgetful.heardOf("request").map(({ piece }) => piece));
      assert.ok(asked.size > 0);
      const id = idOf(forgetful, "lt_donthave");
      for (let piece = 0; piece < 24; piece++) {
        forgetful.send(encodeExtended(id, encodeDontHave(piece)));
      }
      await scene.pass(1000);
      const [view] = scene.victim.torrent.peers;
      assert.deepEqual([view!.progress, view!.requestsSent, view!.interested], [0, 0, false]);
      assert.equal(forgetful.heardOf("notInterested").length, 1);
      scene.victim.torrent.addPeers([endpointOf(await scene.honest())]);
      await scene.world.complete(scene.victim.torrent.whenComplete(), 20_000);
      assert.equal(forgetful.isClosed, false);
    }));

  it("that no torrent has end the connection", () =>
    attackOn("leecher", async (scene) => {
      const peer = await scene.attack({
        onOpen: (self) =>
          self.send(encodeExtended(0, encodeExtensionHandshake({ extensions: {} }))),
      });
      await scene.pass(1000);
      peer.send(encodeExtended(idOf(peer, "lt_donthave"), encodeDontHave(24)));
      await scene.pass(1000);
      assert.deepEqual(scene.reasons(), ["protocol"]);
    }));

  it("here are told to peers, not served, and fetched again", () =>
    withWorld({ seed: 73 }, async (world) => {
      const sample = createSample();
      const nodes = [
        await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true }),
        await startNode(world, {
          host: { address: "10.0.0.2", upBytesPerSecond: 20_000 },
          sample,
          seed: true,
        }),
      ];
      const [other, victim] = [nodes[0]!, nodes[1]!];
      const leecher = await startNode(world, {
        host: { address: "10.0.0.3" },
        sample,
        torrent: { peers: [endpointOf(victim)] },
      });
      await world.run({ untilMs: world.timeMs + 3000 });
      const path = `${DATA_DIR}/${sample.metainfo.files[1]!.path.join("/")}`;
      const bytes = victim.host.files.read(path)!.slice();
      bytes[600 * KIB] = bytes[600 * KIB]! ^ 1;
      victim.host.files.write(path, bytes);
      assert.equal(await world.complete(victim.torrent.checkPiece(0)), true);
      assert.equal(await world.complete(victim.torrent.checkPiece(19)), false);
      assert.equal(victim.torrent.state, "downloading");
      await world.run({ untilMs: world.timeMs + 8000 });
      const [view] = leecher.torrent.peers;
      assert.equal(view!.progress, 19 / 20);
      assert.equal(view!.uploadOnly, false);
      victim.torrent.addPeers([endpointOf(other)]);
      await world.complete(victim.torrent.whenComplete(), 20_000);
      assert.equal(victim.torrent.state, "seeding");
      assert.ok(holdsContent(victim.host, sample));
      await world.complete(leecher.torrent.whenComplete(), 120_000);
      await world.complete(Promise.all([...nodes, leecher].map((node) => node.session.close())));
    }));
});
