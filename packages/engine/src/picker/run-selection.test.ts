import assert from "node:assert/strict";
import { test } from "node:test";
import { createPiecePicker, type PiecePicker, type PieceSet } from "./piece-picker.ts";
import { createSeededRandom } from "./test-random.ts";

const BLOCKS = 4;

function createPicker(pieceCount: number): PiecePicker {
  return createPiecePicker({
    pieceCount,
    blocksInPiece: () => BLOCKS,
    random: createSeededRandom(1),
  });
}

function pieceSet(...pieces: number[]): PieceSet {
  return { has: (piece) => pieces.includes(piece) };
}

/** Blocks numbered through the torrent. */
function pickRun(picker: PiecePicker, peer: object, wanted: number): number[] {
  const into: number[] = [];
  const count = picker.pickRun(peer, wanted, into);
  assert.equal(count * 2, into.length);
  return Array.from({ length: count }, (_, at) => into[2 * at]! * BLOCKS + into[2 * at + 1]!);
}

const blocksOf = (first: number, end: number) =>
  Array.from({ length: (end - first) * BLOCKS }, (_, at) => first * BLOCKS + at);

test("a run is of whole pieces that follow each other, and the next run goes on behind it", () => {
  const picker = createPicker(10);
  const [seed, other] = [{}, {}];
  picker.addPeer(seed, "all");
  picker.addPeer(other, "all");
  assert.deepEqual(pickRun(picker, seed, 9), blocksOf(0, 3));
  assert.deepEqual(pickRun(picker, other, 4), blocksOf(3, 4));
  assert.equal(picker.requestedCount(seed), 12);
});

test("a run starts where enough pieces are missing in a row, or most of them", () => {
  const picker = createPicker(20);
  const seed = {};
  picker.addPeer(seed, "all");
  for (const piece of [1, 4, 15]) picker.markHave(piece);
  assert.deepEqual(pickRun(picker, seed, 4 * BLOCKS), blocksOf(5, 9));
  assert.deepEqual(pickRun(picker, seed, 100 * BLOCKS), blocksOf(9, 15));
  assert.deepEqual(pickRun(picker, seed, BLOCKS), blocksOf(0, 1));
});

test("a run starts at a piece that no peer has, unless pieces are wanted in order", () => {
  for (const sequential of [false, true]) {
    const picker = createPicker(10);
    picker.setSequential(sequential);
    const seed = {};
    picker.addPeer(seed, "all");
    picker.addPeer({}, pieceSet(0, 1, 2, 3, 4, 5, 7, 8, 9));
    assert.deepEqual(pickRun(picker, seed, 8), sequential ? blocksOf(0, 2) : blocksOf(6, 8));
  }
});

test("higher priorities come first, and a run does not mix them with lower ones", () => {
  const picker = createPicker(10);
  const seed = {};
  picker.addPeer(seed, "all");
  picker.setPriority(5, 7);
  picker.setPriority(6, 7);
  picker.setPriority(0, 0);
  assert.deepEqual(pickRun(picker, seed, 100), blocksOf(5, 7));
  assert.deepEqual(pickRun(picker, seed, 100), blocksOf(1, 5));
});

test("what was begun and left is finished from its first missing block on", () => {
  const picker = createPicker(4);
  const [seed, peer] = [{}, {}];
  picker.addPeer(peer, pieceSet(2));
  assert.equal(picker.pick(peer, 3, []), 3);
  picker.received(peer, 2, 0);
  picker.received(peer, 2, 1);
  picker.removePeer(peer);
  picker.addPeer(seed, "all");
  assert.deepEqual(pickRun(picker, seed, 1), [10, 11]);
});

test("pieces that peers are at work on are left to them while others wait, and so are runs", () => {
  const picker = createPicker(3);
  const [seed, peer] = [{}, {}];
  picker.addPeer(peer, pieceSet(1));
  picker.pick(peer, 2, []);
  picker.addPeer(seed, "all");
  assert.deepEqual(pickRun(picker, seed, 12), blocksOf(0, 1));
  assert.deepEqual(pickRun(picker, seed, 12), blocksOf(2, 3));
  assert.deepEqual(pickRun(picker, seed, 12), [6, 7]);
  assert.deepEqual(pickRun(picker, seed, 12), []);
});

test("a run takes only pieces that the seed has", () => {
  const picker = createPicker(8);
  const seed = {};
  picker.addPeer(seed, pieceSet(2, 3, 6));
  assert.deepEqual(pickRun(picker, seed, 100), blocksOf(2, 4));
  assert.deepEqual(pickRun(picker, seed, 100), blocksOf(6, 7));
  assert.deepEqual(pickRun(picker, seed, 100), []);
});

test("what has a deadline comes first, in short runs", () => {
  const picker = createPicker(40);
  const seed = {};
  picker.addPeer(seed, "all");
  picker.setDeadline(30, 1000);
  picker.setDeadline(9, 2000);
  assert.deepEqual(pickRun(picker, seed, 1000).slice(0, 4), blocksOf(30, 31));
  assert.deepEqual(pickRun(picker, seed, 1000), blocksOf(9, 25));
});
