import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Bitfield } from "@shoal/protocol";
import { createPiecePicker } from "../picker/piece-picker.ts";
import { createSeededRandom } from "../picker/test-random.ts";
import { SuperSeeding, type SuperSeededPeer } from "./super-seeding.ts";

class TestPeer implements SuperSeededPeer {
  readonly have: Bitfield;
  readonly revealed: number[] = [];
  uploadOnly = false;
  peerInterested = true;
  readonly telling = { reveal: (piece: number) => void this.revealed.push(piece) };

  constructor(pieceCount: number) {
    this.have = new Bitfield(pieceCount);
  }

  get last(): number {
    return this.revealed.at(-1)!;
  }
}

function setUp(pieceCount: number) {
  const random = createSeededRandom(3);
  const picker = createPiecePicker({ pieceCount, blocksInPiece: () => 1, random });
  const seeding = new SuperSeeding({ pieceCount, picker, random, nowMs: 0 });
  return {
    seeding,
    join: (): TestPeer => {
      const peer = new TestPeer(pieceCount);
      picker.addPeer(peer, "none");
      seeding.add(peer);
      return peer;
    },
    gets: (peer: TestPeer, piece: number): void => {
      peer.have.set(piece);
      picker.peerHas(peer, piece);
      seeding.onHave(peer, piece);
    },
    leave: (peer: TestPeer): void => {
      picker.removePeer(peer);
      seeding.remove(peer);
    },
  };
}

describe("BEP 16: super seeding", () => {
  it("tells each peer of another piece, and of one at a time", () => {
    const { join } = setUp(10);
    const peers = Array.from({ length: 10 }, join);
    assert.equal(new Set(peers.map(({ last }) => last)).size, 10);
    for (const { revealed } of peers) assert.equal(revealed.length, 1);
  });

  it("tells a peer of the next once another is seen to have its piece", () => {
    const { join, gets } = setUp(10);
    const [a, b] = [join(), join()];
    const first = a.last;
    gets(a, first);
    assert.equal(a.revealed.length, 1, "nobody has it from this peer yet");
    gets(b, first);
    assert.equal(a.revealed.length, 2);
    assert.equal(b.revealed.length, 1, "what others pass on is no merit");
  });

  it("goes on with a lone peer, which has nobody to pass anything on to", () => {
    const { join, gets, leave } = setUp(3);
    const [a, b] = [join(), join()];
    gets(a, a.last);
    assert.equal(a.revealed.length, 1);
    leave(b);
    assert.equal(a.revealed.length, 2);
    gets(a, a.last);
    gets(a, a.last);
    assert.deepEqual(new Set(a.revealed), new Set([0, 1, 2]));
  });

  it("does not leave the line idle when nobody passes anything on", () => {
    const { seeding, join, gets } = setUp(10);
    const [a, b] = [join(), join()];
    gets(a, a.last);
    seeding.tick(60_000);
    assert.equal(a.revealed.length, 1, "the other one is still busy");
    gets(b, b.last);
    seeding.tick(65_000);
    assert.deepEqual([a.revealed.length, b.revealed.length], [1, 1]);
    seeding.tick(71_000);
    assert.deepEqual([a.revealed.length, b.revealed.length], [2, 2]);
  });

  it("goes on when a peer is not interested: it has the piece, and did not say so", () => {
    const { seeding, join } = setUp(10);
    const peer = join();
    join();
    peer.peerInterested = false;
    seeding.tick(29_000);
    assert.equal(peer.revealed.length, 1);
    seeding.tick(30_000);
    assert.equal(new Set(peer.revealed).size, 2);
  });

  it("tells nothing to those who want nothing", () => {
    const { seeding } = setUp(4);
    const done = new TestPeer(4);
    done.uploadOnly = true;
    seeding.add(done);
    assert.deepEqual(done.revealed, []);
  });
});
