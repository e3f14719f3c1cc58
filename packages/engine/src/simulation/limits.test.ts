import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeAllowedFast,
  encodeChoke,
  encodeHashRequest,
  encodeHaveAll,
  encodeReject,
  encodeSuggest,
  encodeUnchoke,
  formatMagnet,
  parseMagnet,
} from "@shoal/protocol";
import type { Dns } from "@shoal/runtime";
import { createHashPicker } from "../hashes/hash-picker.ts";
import { createTestTorrent } from "../hashes/test-torrent.ts";
import { EarlyPieces } from "../peer/early-pieces.ts";
import { resolveHints } from "../torrent/resolve-hints.ts";
import { attackOn } from "./hostile-scene.ts";
import { type Script, seedScript } from "./scripted-peer.ts";
import { endpointOf } from "./swarm-world.ts";

/** Rows of LIMITS.md that no other test is about. */
describe("limits", () => {
  it("limit: peers that a magnet link names", () => {
    const peers = Array.from({ length: 60 }, (_, index) => ({
      host: `peer-${index}.example`,
      port: 6881,
    }));
    const link = formatMagnet({ infoHashV1: new Uint8Array(20), infoHashV2: null, peers });
    const asked: string[] = [];
    const dns: Dns = {
      resolve: async (name) => {
        asked.push(name);
        return ["192.0.2.1"];
      },
    };
    resolveHints(parseMagnet(link), dns, new AbortController().signal, () => {});
    assert.equal(asked.length, 50);
  });

  it("limit: `have` before the number of pieces is known", () => {
    const early = new EarlyPieces();
    for (let piece = 0; piece < 150_000; piece++) early.addHave(piece);
    assert.equal(early.applyTo(200_000).count, 100_000);
  });

  it("limit: requests that an unchoking peer rejects", () =>
    attackOn("leecher", async (scene) => {
      const refuse: Partial<Script> = {
        onOpen: (self) => self.send(encodeHaveAll(), encodeUnchoke()),
        onMessage(self, message) {
          if (message.type !== "request") return;
          self.send(encodeReject(message.piece, message.begin, message.lengthBytes));
        },
      };
      const peer = await scene.attack(refuse);
      await scene.pass(60_000);
      const asked = peer.heardOf("request").length;
      assert.ok(asked >= 32 && asked < 100, `asked ${asked} times in a minute`);
      await scene.pass(240_000);
      assert.ok(peer.heardOf("request").length - asked < 10, "it is asked as often as before");
      const honest = await scene.honest();
      scene.victim.torrent.addPeers([endpointOf(honest)]);
      await scene.world.complete(scene.victim.torrent.whenComplete());
    }));

  it("limit: suggested and allowed-fast pieces", () =>
    attackOn(
      "leecher",
      async (scene) => {
        const pieces = Array.from({ length: 80 }, (_, piece) => piece);
        const peer = await scene.attack({
          ...seedScript(scene.sample),
          onOpen: (self) => {
            self.send(encodeHaveAll(), encodeChoke(), ...pieces.map(encodeSuggest));
            self.send(...pieces.map(encodeAllowedFast));
          },
        });
        await scene.pass(30_000);
        assert.equal(scene.victim.torrent.status().verifiedPieces, 64);
        assert.equal(peer.isClosed, false);
      },
      { pieces: 100 },
    ));

  it("limit: leaf requests waiting, of one peer", () =>
    attackOn(
      "seed",
      async (scene) => {
        const { piecesRoot } = scene.sample.metainfo.files[0]!;
        const request = (piece: number) =>
          encodeHashRequest({
            piecesRoot: piecesRoot!,
            baseLayer: 0,
            index: piece * 4,
            count: 4,
            proofLayers: 2,
          });
        const requests = Array.from({ length: 10 }, (_, piece) => request(piece));
        const peer = await scene.attack();
        await scene.pass(500);
        peer.send(Buffer.concat(requests));
        await scene.pass(2000);
        assert.equal(peer.heardOf("hashes").length, 4);
        assert.equal(peer.heardOf("hashReject").length, 6);
      },
      { version: "v2" },
    ));

  it("limit: hash requests outstanding", () => {
    const { metainfo } = createTestTorrent([512 * 20], 1);
    const picker = createHashPicker({ metainfo, onLayer: () => {}, onLeaves: () => {} });
    const requests = picker.pick({}, { has: () => true }, 0);
    assert.equal(requests.length, 8);
    assert.equal(picker.pick({}, { has: () => true }, 0).length, 8, "of another peer");
  });

  it("limit: connections being opened", () =>
    attackOn("leecher", async (scene) => {
      const silent = scene.world.host({ address: "10.7.7.7", isNatted: true });
      const peers = Array.from({ length: 40 }, (_, index) => ({
        address: silent.address,
        port: 7000 + index,
      }));
      scene.victim.torrent.addPeers(peers);
      await scene.pass(2000);
      assert.equal(scene.victim.torrent.status().connectingPeers, 16);
    }));
});
