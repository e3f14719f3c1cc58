import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeHave, encodeHaveNone, encodeInterested, encodeRequest } from "@shoal/protocol";
import { attackOn } from "./hostile-scene.ts";
import type { ScriptedPeer } from "./scripted-peer.ts";

const BLOCK = 16 * 1024;

function suggestedTo(peer: ScriptedPeer): number[] {
  return peer.heardOf("suggest").map(({ piece }) => piece);
}

describe("peers that come all at once", () => {
  it("BEP 6: a seed gives nothing to peers that it chokes", () =>
    attackOn(
      "seed",
      async (scene) => {
        const peer = await scene.attack();
        await scene.pass(1000);
        assert.deepEqual(peer.heardOf("allowedFast"), []);
      },
      { pieces: 48 },
    ));

  it("BEP 6: two starving peers at most may take pieces while they are choked (MAX_STARVING)", () =>
    attackOn(
      "leecher",
      async (scene) => {
        const peers = [];
        for (let i = 0; i < 4; i++) peers.push(await scene.attack());
        await scene.pass(1000);
        const allowed = peers.filter((peer) => peer.heardOf("allowedFast").length > 0);
        assert.equal(allowed.length, 2);
        allowed[0]!.socket.destroy();
        for (let piece = 0; piece < 11; piece++) allowed[1]!.send(encodeHave(piece));
        await scene.pass(1000);
        const next = [await scene.attack(), await scene.attack(), await scene.attack()];
        await scene.pass(1000);
        const fed = next.filter((peer) => peer.heardOf("allowedFast").length > 0);
        assert.equal(fed.length, 2, "who left or has something to trade starves no more");
      },
      { pieces: 48 },
    ));

  it("BEP 6: a seed points each peer that it unchokes to pieces that nobody else has or was pointed to", () =>
    attackOn(
      "seed",
      async (scene) => {
        const onOpen = (self: ScriptedPeer) => self.send(encodeHaveNone(), encodeInterested());
        const peers = [await scene.attack({ onOpen }), await scene.attack({ onOpen })];
        await scene.pass(1000);
        const first = peers.map(suggestedTo);
        assert.deepEqual(
          first.map((pieces) => pieces.length),
          [8, 8],
        );
        assert.equal(new Set(first.flat()).size, 16);
        // Each is pointed to one more for each that it asks for.
        peers[0]!.send(encodeRequest(first[0]![0]!, 0, BLOCK));
        await scene.pass(1000);
        const more = suggestedTo(peers[0]!).slice(8);
        assert.equal(more.length, 1);
        assert.equal(first.flat().includes(more[0]!), false);
      },
      { pieces: 48 },
    ));

  it("a seed points nobody to what others have already", () =>
    attackOn(
      "seed",
      async (scene) => {
        const common = Array.from({ length: 44 }, (_, piece) => piece);
        for (let i = 0; i < 2; i++) {
          await scene.attack({
            onOpen: (self) => self.send(encodeHaveNone(), ...common.map(encodeHave)),
          });
        }
        await scene.pass(500);
        const peer = await scene.attack({
          onOpen: (self) => self.send(encodeHaveNone(), encodeInterested()),
        });
        await scene.pass(1000);
        const pointedTo = suggestedTo(peer).toSorted((a, b) => a - b);
        assert.deepEqual(pointedTo, [44, 45, 46, 47]);
      },
      { pieces: 48 },
    ));
});
