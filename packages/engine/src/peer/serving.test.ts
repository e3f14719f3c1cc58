import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Bitfield, decodeMessage, type Metainfo } from "@shoal/protocol";
import { StarvingPeers } from "../torrent/starving-peers.ts";
import type { Transfer } from "../torrent/transfer.ts";
import { type ServedPeer, Serving, type ServingOwner } from "./serving.ts";

const BLOCK = 16 * 1024;

const INFO = { v1: { infoHash: new Uint8Array(20) }, v2: null } as unknown as Metainfo;

function createServing() {
  const geometry = { pieceCount: 4000, pieceLengthBytes: BLOCK, askableOf: () => BLOCK };
  const starving = new StarvingPeers({ metainfo: INFO, geometry, have: new Bitfield(4000) });
  const peer = { isClosed: false, have: new Bitfield(4000), remote: { address: "10.0.0.9" } };
  const transfer = {
    geometry,
    starving,
    have: { has: () => true },
    suggestions: { stopped: () => {} },
  } as unknown as Transfer;
  let sent = 0;
  const allowed: number[] = [];
  const owner = {
    fast: true,
    gate: { uploadCredit: () => 0 },
    send(bytes: Uint8Array) {
      sent++;
      const message = decodeMessage(bytes[4]!, bytes.subarray(5));
      if (message.type === "allowedFast") allowed.push(message.piece);
    },
  };
  const serving = new Serving(
    transfer,
    peer as unknown as ServedPeer,
    owner as unknown as ServingOwner,
  );
  return {
    serving,
    starving,
    peer,
    allowed,
    ask: (count: number): void => {
      for (let i = 0; i < count; i++) serving.request(i % 4000, 0, BLOCK);
    },
    takeSent: (): number => {
      const taken = sent;
      sent = 0;
      return taken;
    },
  };
}

describe("requests of a peer that is choked", () => {
  it("are rejected, and more than 300 of them are hostile", () => {
    const { ask, takeSent } = createServing();
    ask(300);
    assert.equal(takeSent(), 300);
    assert.throws(() => ask(1), { code: "protocol" });
  });

  it("were on their way where it was choked just now: as many as it may have had outstanding", () => {
    const { serving, ask, takeSent } = createServing();
    serving.unchoke();
    serving.choke();
    takeSent();
    ask(2300);
    assert.equal(takeSent(), 2300);
    assert.throws(() => ask(1), { code: "protocol" });
  });
});

describe("a starving peer (BEP 6)", () => {
  it("limit: what is sent to a choked peer", () => {
    const { serving, peer, allowed } = createServing();
    serving.feed();
    assert.equal(allowed.length, 10);
    // It never says what it has, and asks again and again.
    for (let time = 0; time < 5; time++) {
      for (const piece of allowed) serving.request(piece, 0, BLOCK);
    }
    assert.equal(serving.queued, 20);
    assert.equal(peer.have.count, 0);
  });

  it("starves no more when its allowance is used up, when it has pieces, when it leaves, after two minutes", () => {
    const ends: readonly ((scene: ReturnType<typeof createServing>) => void)[] = [
      ({ serving, allowed }) => {
        for (let time = 0; time < 3; time++) {
          for (const piece of allowed) serving.request(piece, 0, BLOCK);
        }
      },
      ({ peer }) => {
        for (let piece = 0; piece < 11; piece++) peer.have.set(piece);
      },
      ({ serving }) => serving.close(),
      ({ starving }) => {
        starving.tick(1000);
        starving.tick(121_000);
      },
    ];
    for (const end of ends) {
      const scene = createServing();
      const { serving, starving, allowed } = scene;
      const others = [1, 2, 3].map((host) => ({
        remote: { address: `10.0.0.${host}` },
        have: new Bitfield(4000),
      }));
      serving.feed();
      assert.equal(starving.admit(others[0]!).length, 10);
      assert.equal(starving.admit(others[1]!).length, 0, "two places are taken");
      end(scene);
      assert.equal(starving.admit(others[2]!).length, 10);
      const before = serving.queued;
      serving.request(allowed[0]!, 0, BLOCK);
      assert.equal(serving.queued, before, "its place is another's, and yet it is served");
    }
  });
});
