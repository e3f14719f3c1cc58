import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeBitfield,
  encodeChoke,
  encodeExtended,
  encodeHaveAll,
  encodeUnchoke,
} from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import { dialScripted, listenScripted, seedScript, spoil } from "./scripted-peer.ts";
import { endpointOf, holdsContent, sampleTorrent, startNode } from "./swarm-world.ts";

import { attackOn } from "./hostile-scene.ts";
const KIB = 1024;

describe("a peer that lies about content", () => {
  it("is banned at once when it alone sent a bad piece; the download completes from others", () =>
    attackOn("leecher", async (scene) => {
      const liar = scene.host();
      const { peers } = await listenScripted(
        liar,
        6881,
        seedScript(scene.sample, { answer: spoil }),
      );
      scene.victim.torrent.addPeers([{ address: liar.address, port: 6881 }]);
      await scene.pass(5000);
      assert.deepEqual(
        scene.events.flatMap((event) => (event.type === "peer-banned" ? [event.address] : [])),
        [liar.address],
      );
      assert.ok(peers[0]!.isClosed);
      const again = await scene.attack({}, liar);
      await scene.pass(1000);
      assert.ok(again.isClosed, "a banned address was let in");
      const honest = await scene.honest();
      scene.victim.torrent.addPeers([endpointOf(honest)]);
      await scene.world.complete(scene.victim.torrent.whenComplete());
      assert.ok(holdsContent(scene.victim.host, scene.sample));
    }));

  for (const version of ["v1", "v2"] as const) {
    it(`${version}: a liar among honest peers is found, only it, and the download completes`, () =>
      attackOn(
        "leecher",
        async (scene) => {
          const liar = scene.host();
          let turn = 0;
          await listenScripted(
            liar,
            6881,
            seedScript(scene.sample, {
              answer: (block) => (++turn % 3 === 0 ? spoil(block) : block),
            }),
          );
          const honest = [await scene.honest(150_000), await scene.honest(150_000)];
          scene.victim.torrent.addPeers([
            ...honest.map(endpointOf),
            { address: liar.address, port: 6881 },
          ]);
          await scene.world.complete(scene.victim.torrent.whenComplete());
          assert.ok(holdsContent(scene.victim.host, scene.sample));
          assert.ok(scene.victim.torrent.status().failedPieces > 0, "nothing was spoiled");
          assert.deepEqual(
            [
              ...new Set(
                scene.events.flatMap((event) =>
                  event.type === "peer-banned" ? [event.address] : [],
                ),
              ),
            ],
            [liar.address],
          );
        },
        { version, pieces: 96 },
      ));
  }

  for (const version of ["v1", "v2"] as const) {
    it(`${version}: one spoiled block convicts its sender as soon as the piece is good`, () =>
      attackOn(
        "leecher",
        async (scene) => {
          const liar = scene.host();
          let isSpoiled = false;
          const answer = (block: Uint8Array): Uint8Array => {
            if (isSpoiled) return block;
            isSpoiled = true;
            return spoil(block);
          };
          await listenScripted(liar, 6881, seedScript(scene.sample, { answer }));
          const honest = [await scene.honest(150_000), await scene.honest(150_000)];
          const { torrent } = scene.victim;
          torrent.addPeers([...honest.map(endpointOf), { address: liar.address, port: 6881 }]);
          await scene.world.complete(torrent.whenComplete());
          const banned = scene.events.flatMap((event) =>
            event.type === "peer-banned" ? [event.address] : [],
          );
          assert.equal(torrent.status().failedPieces, 1);
          assert.deepEqual(banned, [liar.address]);
        },
        { version, pieces: 96 },
      ));
  }

  it("metadata of another torrent bans it; the metadata comes from another peer", () =>
    attackOn(
      "leecher",
      async (scene) => {
        const liar = scene.host();
        await listenScripted(liar, 6881, {
          infoHash: scene.infoHash,
          onOpen: (self) =>
            self.send(
              encodeExtended(0, Buffer.from("d1:md11:ut_metadatai3ee13:metadata_sizei100ee")),
            ),
          onMessage(self, message) {
            if (message.type !== "extended" || message.id === 0) return;
            const head = Buffer.from("d8:msg_typei1e5:piecei0e10:total_sizei100ee");
            self.send(encodeExtended(1, Buffer.concat([head, Buffer.alloc(100, "x")])));
          },
        });
        scene.victim.torrent.addPeers([{ address: liar.address, port: 6881 }]);
        await scene.pass(3000);
        assert.deepEqual(
          scene.events.flatMap((event) => (event.type === "peer-banned" ? [event.address] : [])),
          [liar.address],
        );
        scene.victim.torrent.addPeers([endpointOf(await scene.honest())]);
        await scene.world.complete(scene.victim.torrent.whenComplete());
        assert.ok(holdsContent(scene.victim.host, scene.sample));
      },
      { magnet: true },
    ));

  for (const lengthBytes of [0, 1, 30 * KIB * KIB, 2 ** 40]) {
    it(`peers that announce ${lengthBytes} bytes of metadata and send none hold up nobody`, () =>
      attackOn(
        "leecher",
        async (scene) => {
          const hello = `d1:md11:ut_metadatai3ee13:metadata_sizei${lengthBytes}ee`;
          for (let i = 0; i < 5; i++) {
            await scene.attack({
              onOpen: (self) => self.send(encodeExtended(0, Buffer.from(hello))),
            });
          }
          await scene.pass(2000);
          scene.victim.torrent.addPeers([endpointOf(await scene.honest())]);
          await scene.world.complete(scene.victim.torrent.whenComplete(), 120_000);
          assert.ok(holdsContent(scene.victim.host, scene.sample));
        },
        { magnet: true },
      ));
  }

  it("a bitfield that does not fit the metadata which comes later costs only its sender", () =>
    attackOn(
      "leecher",
      async (scene) => {
        const liar = await scene.attack({
          onOpen: (self) => self.send(encodeBitfield(new Uint8Array(500).fill(0xff))),
        });
        await scene.pass(1000);
        scene.victim.torrent.addPeers([endpointOf(await scene.honest())]);
        await scene.world.complete(scene.victim.torrent.whenComplete());
        assert.ok(liar.isClosed);
      },
      { magnet: true },
    ));
});

describe("a peer that holds things up", () => {
  it("one that chokes for ever is no reason to wait", () =>
    attackOn("leecher", async (scene) => {
      await scene.attack({ onOpen: (self) => self.send(encodeHaveAll(), encodeChoke()) });
      await scene.pass(5000);
      scene.victim.torrent.addPeers([endpointOf(await scene.honest())]);
      await scene.world.complete(scene.victim.torrent.whenComplete(), 60_000);
      assert.ok(holdsContent(scene.victim.host, scene.sample));
    }));

  for (const fast of [true, false]) {
    const kind = fast ? "with" : "without";
    it(`one ${kind} the fast extension that chokes and unchokes without end slows nobody`, () =>
      attackOn("leecher", async (scene) => {
        const mute = seedScript(scene.sample, { answer: () => null });
        const peer = await scene.attack({ ...mute, fast });
        scene.victim.torrent.addPeers([endpointOf(await scene.honest())]);
        for (let i = 0; i < 100; i++) {
          if (!peer.isClosed) peer.send(encodeChoke(), encodeUnchoke());
          await scene.pass(200);
        }
        await scene.world.complete(scene.victim.torrent.whenComplete(), 120_000);
      }));
  }

  for (const count of [1, 6]) {
    it(`${count} that take requests and never answer: others finish their blocks`, () =>
      attackOn("leecher", async (scene) => {
        const mutes = [];
        for (let i = 0; i < count; i++) {
          mutes.push(await scene.attack(seedScript(scene.sample, { answer: () => null })));
        }
        await scene.pass(5000);
        assert.ok(mutes[0]!.heardOf("request").length > 0);
        scene.victim.torrent.addPeers([endpointOf(await scene.honest(200_000))]);
        await scene.world.complete(scene.victim.torrent.whenComplete(), 200_000);
        assert.ok(holdsContent(scene.victim.host, scene.sample));
      }));
  }

  it("six that answer all but the last blocks: an honest peer gets to send them", () =>
    attackOn("leecher", async (scene) => {
      for (let i = 0; i < 6; i++) {
        await scene.attack(
          seedScript(scene.sample, { answer: (block, piece) => (piece >= 22 ? null : block) }),
        );
      }
      await scene.pass(100_000);
      const { verifiedPieces } = scene.victim.torrent.status();
      assert.ok(verifiedPieces <= 22, `${verifiedPieces} pieces`);
      scene.victim.torrent.addPeers([endpointOf(await scene.honest())]);
      await scene.world.complete(scene.victim.torrent.whenComplete(), 120_000);
    }));

  it("closing a session cuts connections that are still in their handshake", () =>
    withWorld({ seed: 12 }, async (world) => {
      const sample = sampleTorrent({
        version: "v1",
        pieceLengthBytes: 64 * KIB,
        fileLengths: [64 * KIB],
      });
      const node = await startNode(world, { host: { address: "10.0.0.1" }, sample });
      const silent = { infoHash: new Uint8Array(20), handshake: false };
      const listening = world.host({ address: "10.0.0.2" });
      const { peers } = await listenScripted(listening, 6881, silent);
      const incoming = await world.complete(
        dialScripted(world.host({ address: "10.0.0.3" }), endpointOf(node), silent),
      );
      node.torrent.addPeers([{ address: listening.address, port: 6881 }]);
      await world.run({ untilMs: world.timeMs + 1000 });
      await world.complete(node.session.close());
      await world.run({ untilMs: world.timeMs + 100 });
      assert.ok(incoming.isClosed, "the incoming one is open");
      assert.ok(peers[0]!.isClosed, "the outgoing one is open");
    }));
});
