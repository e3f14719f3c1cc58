import assert from "node:assert/strict";
import { test } from "node:test";
import { createPiecePicker, type PieceSet } from "./piece-picker.ts";
import { createSeededRandom } from "./test-random.ts";

function pieceSet(...pieces: number[]): PieceSet {
  return { has: (piece) => pieces.includes(piece) };
}

function createPicker(pieceCount: number, blocks = 4, seed = 1) {
  return createPiecePicker({
    pieceCount,
    blocksInPiece: () => blocks,
    random: createSeededRandom(seed),
  });
}

function pickPieces(picker: ReturnType<typeof createPicker>, peer: object, wanted: number) {
  const into: number[] = [];
  picker.pick(peer, wanted, into);
  return into.filter((_, index) => index % 2 === 0);
}

/** Receives every block that the peer was asked for. */
function deliver(picker: ReturnType<typeof createPicker>, peer: object) {
  const requests = picker.blocksRequestedBy(peer);
  for (let at = 0; at < requests.length; at += 2) {
    const [piece, block] = [requests[at]!, requests[at + 1]!];
    if (picker.received(peer, piece, block).isPieceComplete) picker.pieceVerified(piece);
  }
}

test("starts the rarest piece that the peer has, once the first few are there", () => {
  const picker = createPicker(20, 1);
  for (let piece = 0; piece < 4; piece++) picker.markHave(piece);
  const peer = {};
  picker.addPeer(peer, "all");
  for (const missing of [11, 17]) picker.addPeer({}, { has: (piece) => piece !== missing });
  assert.deepEqual(
    pickPieces(picker, peer, 2).toSorted((a, b) => a - b),
    [11, 17],
  );
});

test("draws among equally rare pieces at random", () => {
  const firsts = new Set<number>();
  for (let seed = 0; seed < 40; seed++) {
    const picker = createPicker(10, 1, seed);
    for (let piece = 0; piece < 4; piece++) picker.markHave(piece);
    const peer = {};
    picker.addPeer(peer, "all");
    firsts.add(pickPieces(picker, peer, 1)[0]!);
  }
  assert.equal(firsts.size, 6);
});

test("draws each of several equally rare pieces that are picked at once", () => {
  const pairs = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    const picker = createPicker(8, 1, seed);
    for (let piece = 0; piece < 4; piece++) picker.markHave(piece);
    const peer = {};
    picker.addPeer(peer, "all");
    pairs.add(pickPieces(picker, peer, 2).join(","));
  }
  assert.equal(pairs.size, 12);
});

test("once four pieces are under way, the rarest come first", () => {
  for (let seed = 0; seed < 20; seed++) {
    const picker = createPicker(40, 1, seed);
    const [usual, seeder] = [{}, {}];
    picker.addPeer(usual, { has: (piece) => piece >= 10 });
    pickPieces(picker, usual, 4);
    picker.addPeer(seeder, "all");
    assert.ok(pickPieces(picker, seeder, 10).every((piece) => piece < 10));
  }
});

test("starts with random pieces, not the rarest, while there is nothing to trade", () => {
  const firsts = new Set<number>();
  for (let seed = 0; seed < 60; seed++) {
    const picker = createPicker(10, 1, seed);
    const peer = {};
    picker.addPeer(peer, "all");
    picker.addPeer({}, { has: (piece) => piece !== 3 });
    firsts.add(pickPieces(picker, peer, 1)[0]!);
  }
  assert.equal(firsts.size, 10);
});

test("finishes the pieces under way before it starts another", () => {
  const picker = createPicker(50);
  const [first, second] = [{}, {}];
  picker.addPeer(first, "all");
  picker.addPeer(second, "all");
  const [piece] = pickPieces(picker, first, 1);
  assert.deepEqual(pickPieces(picker, second, 3), [piece, piece, piece]);
});

test("hands pieces out in order when sequential, also after an earlier one failed", () => {
  const picker = createPicker(100, 2);
  const peer = {};
  picker.addPeer(peer, "all");
  picker.setSequential(true);
  assert.deepEqual(pickPieces(picker, peer, 6), [0, 0, 1, 1, 2, 2]);
  picker.received(peer, 0, 0);
  picker.received(peer, 0, 1);
  picker.pieceFailed(0);
  assert.deepEqual(pickPieces(picker, peer, 4), [0, 0, 3, 3]);
});

test("a higher priority goes before a piece under way, and priority 0 is never asked for", () => {
  const picker = createPicker(10);
  const peer = {};
  picker.addPeer(peer, "all");
  picker.setPriority(0, 0);
  const [started] = pickPieces(picker, peer, 1);
  const urgent = started === 5 ? 6 : 5;
  picker.setPriority(urgent, 7);
  assert.deepEqual(pickPieces(picker, peer, 4), [urgent, urgent, urgent, urgent]);
  assert.ok(!pickPieces(picker, peer, 100).includes(0));
  assert.equal(picker.piecesLeft, 9);
});

test("a slow peer does not join the piece of a fast one while others can be started", () => {
  const picker = createPicker(3);
  const [fast, slow] = [{}, {}];
  picker.addPeer(fast, "all");
  picker.addPeer(slow, "all");
  const into: number[] = [];
  picker.pick(fast, 1, into, { wholePieces: true });
  const [fastPiece] = into;
  const slowPieces = pickPieces(picker, slow, 8);
  assert.ok(!slowPieces.includes(fastPiece!));
  assert.deepEqual(pickPieces(picker, slow, 9), [fastPiece, fastPiece, fastPiece]);
});

test("fast peers take whole pieces each, and anybody finishes what one of them left", () => {
  const picker = createPicker(10);
  const [first, second, third] = [{}, {}, {}];
  for (const peer of [first, second, third]) picker.addPeer(peer, "all");
  const into: number[] = [];
  picker.pick(first, 2, into, { wholePieces: true });
  picker.pick(second, 2, into, { wholePieces: true });
  assert.notEqual(into[0], into[4]);
  picker.removePeer(first);
  assert.deepEqual(pickPieces(picker, third, 4), [into[0], into[0], into[0], into[0]]);
});

test("BEP 6: a choked peer is asked for allowed pieces only, a suggested piece goes first", () => {
  const picker = createPicker(100, 2);
  const peer = {};
  picker.addPeer(peer, pieceSet(7, 9, 50));
  const into: number[] = [];
  picker.pick(peer, 10, into, { allowedOnly: new Set([9, 10, 1000]) });
  assert.deepEqual(into, [9, 0, 9, 1]);
  into.length = 0;
  picker.pick(peer, 2, into, { suggested: new Set([3, 50, 1000]) });
  assert.deepEqual(into, [50, 0, 50, 1]);
});

test("end game: late blocks are asked of others, least asked and last first, of three at most", () => {
  const picker = createPicker(1, 2);
  const peers = [{}, {}, {}, {}];
  for (const peer of peers) picker.addPeer(peer, "all");
  const ask = (peer: object, wanted: number) => {
    const into: number[] = [];
    picker.pick(peer, wanted, into, { endGame: () => true });
    return into;
  };
  assert.deepEqual(ask(peers[0]!, 9), [0, 0, 0, 1]);
  assert.deepEqual(ask(peers[0]!, 9), []);
  assert.deepEqual(ask(peers[1]!, 1), [0, 1]);
  assert.deepEqual(ask(peers[2]!, 1), [0, 0]);
  assert.deepEqual(ask(peers[2]!, 1), [0, 1]);
  assert.deepEqual(ask(peers[3]!, 9), [0, 0]);
  const { outcome, cancel } = picker.received(peers[1]!, 0, 1);
  assert.equal(outcome, "accepted");
  assert.deepEqual(cancel, [peers[0], peers[2]]);
  assert.deepEqual(picker.blocksRequestedBy(peers[2]!), [0, 0]);
});

test("end game: a block is asked again only where all who were asked for it are late", () => {
  const picker = createPicker(1, 4);
  const [late, prompt, idle] = [{}, {}, {}];
  for (const peer of [late, prompt, idle]) picker.addPeer(peer, "all");
  pickPieces(picker, late, 2);
  pickPieces(picker, prompt, 2);
  const ask = (peer: object, isLate: (other: object) => boolean) => {
    const into: number[] = [];
    picker.pick(peer, 9, into, { endGame: isLate });
    return into;
  };
  assert.deepEqual(
    ask(idle, () => false),
    [],
  );
  assert.deepEqual(
    ask(idle, (other) => other === late),
    [0, 1, 0, 0],
  );
  assert.deepEqual(
    ask(prompt, (other) => other === late),
    [],
  );
});

test("blocks that nobody asked for start no piece", () => {
  const picker = createPicker(4);
  const peer = {};
  picker.addPeer(peer, "all");
  assert.equal(picker.received(peer, 2, 0).outcome, "unwanted");
  assert.equal(picker.openPieces().length, 0);
});

test("a block that comes after its request was taken back is still useful", () => {
  const picker = createPicker(1);
  const peer = {};
  picker.addPeer(peer, "all");
  pickPieces(picker, peer, 1);
  assert.ok(picker.aborted(peer, 0, 0));
  assert.equal(picker.received(peer, 0, 0).outcome, "unrequested");
});

test("names who sent which block, also after they left, until the piece is judged", () => {
  const picker = createPicker(1, 2);
  const [first, second] = [{}, {}];
  picker.addPeer(first, "all");
  picker.addPeer(second, "all");
  pickPieces(picker, first, 1);
  pickPieces(picker, second, 1);
  picker.received(first, 0, 0);
  picker.removePeer(first);
  assert.ok(picker.received(second, 0, 1).isPieceComplete);
  const senders = picker.contributors(0);
  assert.ok(senders[0] === first && senders[1] === second);
  picker.pieceFailed(0);
  assert.equal(picker.contributors(0).length, 0);
});

test("peers that hold different pieces leave a bounded number of them open", () => {
  const pieceCount = 5000;
  const picker = createPicker(pieceCount, 64);
  const peers = Array.from({ length: 10 }, () => ({}));
  for (const peer of peers) picker.addPeer(peer, "all");
  for (let round = 0; round < 400; round++) {
    const peer = peers[round % peers.length]!;
    const into: number[] = [];
    picker.pick(peer, 3, into, { wholePieces: round % 3 === 0 });
    picker.received(peer, into[0]!, into[1]!);
    picker.abortedAll(peer);
  }
  // 4 + 1.5 x 10 peers, or 2048 blocks, and one for each idle peer.
  assert.ok(picker.openPieces().length <= 2048 / 64 + 10);
});

test("a torrent of two million pieces and fifty peers needs no more than 80 MiB", () => {
  const pieceCount = 2_097_152;
  const before = process.memoryUsage();
  const picker = createPicker(pieceCount, 1, 7);
  const peers = Array.from({ length: 50 }, (_, index) => ({ index }));
  for (const peer of peers) {
    picker.addPeer(
      peer,
      peer.index < 10 ? "all" : peer.index < 12 ? { has: (piece) => piece % 3 > 0 } : "none",
    );
  }
  const random = createSeededRandom(3);
  for (let have = 0; have < 50_000; have++) {
    picker.peerHas(peers[12 + random.integer(38)]!, random.integer(pieceCount));
  }
  for (let round = 0; round < 50; round++) {
    for (const peer of peers) pickPieces(picker, peer, 4);
    for (const peer of peers) deliver(picker, peer);
  }
  assert.ok(picker.piecesLeft < pieceCount - 9_800);
  const after = process.memoryUsage();
  const grownMiB =
    (after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed) / 2 ** 20;
  assert.ok(grownMiB < 80, `${grownMiB} MiB`);
});

test("a peer with few pieces of a huge torrent is served all of them", () => {
  const picker = createPicker(200_000, 1);
  const [common, poor] = [{}, {}];
  picker.addPeer(common, { has: (piece) => piece % 2 === 0 });
  picker.addPeer(poor, { has: (piece) => piece % 50_000 === 9 });
  for (const piece of [1, 3, 5, 9]) picker.markHave(piece);
  picker.setPriority(50_009, 6);
  const picked = pickPieces(picker, poor, 9);
  assert.equal(picked[0], 50_009);
  assert.deepEqual(new Set(picked), new Set([50_009, 100_009, 150_009]));
});

/** Of a peer that serves all deadlines, or none. */
function urgent(serves: boolean, isLate = false) {
  return { urgent: { serves: () => serves, isLate: () => isLate } };
}

test("pieces with a deadline go before all others, the earliest first", () => {
  const picker = createPicker(50, 2);
  const peer = {};
  picker.addPeer(peer, "all");
  picker.setPriority(9, 7);
  picker.setDeadline(30, 2000);
  picker.setDeadline(40, 1000);
  const into: number[] = [];
  picker.pick(peer, 5, into, urgent(true));
  assert.deepEqual(into, [40, 0, 40, 1, 30, 0, 30, 1, 9, 0]);
});

test("a peer that is too slow for a deadline leaves the piece to others, and takes what else there is", () => {
  const picker = createPicker(3, 2);
  const [slow, fast] = [{}, {}];
  picker.addPeer(slow, "all");
  picker.addPeer(fast, "all");
  picker.setDeadline(1, 1000);
  const into: number[] = [];
  picker.pick(slow, 9, into, urgent(false));
  assert.deepEqual(new Set(into.filter((_, at) => at % 2 === 0)), new Set([0, 2]));
  into.length = 0;
  picker.pick(fast, 1, into, urgent(true));
  assert.deepEqual(into, [1, 0]);
});

test("a late block of a piece with a deadline is asked of three at most, also before the end game", () => {
  const picker = createPicker(50, 1);
  const peers = [{}, {}, {}, {}];
  for (const peer of peers) picker.addPeer(peer, "all");
  picker.setDeadline(5, 1000);
  const asked = peers.map((peer) => {
    const into: number[] = [];
    picker.pick(peer, 1, into, urgent(true, true));
    return into[0];
  });
  assert.deepEqual(asked.slice(0, 3), [5, 5, 5]);
  assert.notEqual(asked[3], 5);
});

test("a piece whose deadline is dropped waits with the others again", () => {
  const picker = createPicker(50, 4);
  const peer = {};
  picker.addPeer(peer, "all");
  picker.setDeadline(20, 1000);
  assert.ok(picker.isUrgent);
  picker.setDeadline(20, null);
  assert.ok(!picker.isUrgent);
  assert.deepEqual(picker.openPieces(), []);
  picker.setDeadline(21, 1000);
  picker.markHave(21);
  assert.ok(!picker.isUrgent);
});
