import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Random } from "@shoal/runtime";
import { createPiecePicker, type PieceSet } from "./piece-picker.ts";

/** A small seeded generator (mulberry32), enough for tests. */
function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }
  return {
    bytes: (length) => Uint8Array.from({ length }, () => next() * 256),
    integer: (bound) => Math.floor(next() * bound),
  };
}

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

test("random operations agree with a naive model, and a seed then completes the torrent", () => {
  const operation = fc.record({
    kind: fc.constantFrom(
      "join",
      "leave",
      "have",
      "pick",
      "pick",
      "pick",
      "receive",
      "receive",
      "receive",
      "abort",
      "choke",
      "priority",
      "sequential",
      "verify",
      "fail",
      "failSome",
      "unmark",
    ),
    peer: fc.nat({ max: 5 }),
    piece: fc.nat({ max: 39 }),
    number: fc.nat({ max: 15 }),
    flags: fc.nat({ max: 7 }),
  });
  const property = fc.property(
    fc.integer(),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 5 }),
    fc.array(operation, { maxLength: 150 }),
    (seed, pieceCount, blocks, operations) => {
      const random = createSeededRandom(seed);
      const blocksInPiece = (piece: number) => (piece === pieceCount - 1 ? 1 : blocks);
      const picker = createPiecePicker({ pieceCount, blocksInPiece, random });
      const keys = Array.from({ length: 6 }, (_, index) => ({ index }));
      const has = new Map<object, Set<number>>();
      const have = new Set<number>();
      const priorities = new Map<number, number>();
      const received = new Map<number, Map<number, object>>();
      const requests = new Map<object, Set<string>>();
      const isWanted = (piece: number) => !have.has(piece) && (priorities.get(piece) ?? 4) > 0;
      const requestersOf = (name: string) => [...requests].filter(([, set]) => set.has(name));

      function pickInto(peer: object, wanted: number, options: object): number {
        const into: number[] = [];
        let allRequested = true;
        for (let piece = 0; piece < pieceCount; piece++) {
          for (let block = 0; isWanted(piece) && block < blocksInPiece(piece); block++) {
            const isIn = received.get(piece)?.has(block) === true;
            if (!isIn && requestersOf(`${piece}/${block}`).length === 0) allRequested = false;
          }
        }
        picker.pick(peer, wanted, into, options);
        let free = 0;
        for (let at = 0; at < into.length; at += 2) {
          const [piece, block] = [into[at]!, into[at + 1]!];
          const name = `${piece}/${block}`;
          assert.ok(isWanted(piece) && has.get(peer)!.has(piece));
          assert.ok(block >= 0 && block < blocksInPiece(piece));
          assert.ok(received.get(piece)?.has(block) !== true);
          assert.ok(!requests.get(peer)!.has(name), "never a block twice to one peer");
          const others = requestersOf(name).length;
          if (others > 0) assert.ok(others < 3 && "endGame" in options);
          else free++;
          requests.get(peer)!.add(name);
        }
        assert.ok(into.length / 2 <= wanted);
        if (free < into.length / 2) {
          const freeLeft = [...Array(pieceCount).keys()].some(
            (piece) =>
              isWanted(piece) &&
              [...Array(blocksInPiece(piece)).keys()].some(
                (block) =>
                  received.get(piece)?.has(block) !== true &&
                  requestersOf(`${piece}/${block}`).length === 0,
              ),
          );
          assert.ok(allRequested || !freeLeft, "duplicates in end game only");
        }
        return into.length / 2;
      }

      function receive(peer: object, piece: number, block: number): void {
        const name = `${piece}/${block}`;
        const wasAsked = requests.get(peer)?.has(name) === true;
        const others = requestersOf(name)
          .map(([key]) => key)
          .filter((key) => key !== peer);
        const result = picker.received(peer, piece, block);
        if (have.has(piece) || received.get(piece)?.has(block) === true) {
          assert.equal(result.outcome, "duplicate");
          return;
        }
        if (result.outcome === "unwanted") {
          assert.ok(!wasAsked && others.length === 0);
          return;
        }
        assert.equal(result.outcome, wasAsked ? "accepted" : "unrequested");
        assert.deepEqual(new Set(result.cancel), new Set(others));
        for (const set of requests.values()) set.delete(name);
        const blocksIn = received.get(piece) ?? new Map<number, object>();
        received.set(piece, blocksIn.set(block, peer));
        assert.equal(result.isPieceComplete, blocksIn.size === blocksInPiece(piece));
        assert.equal(picker.contributors(piece)[block], peer);
      }

      function drop(piece: number): void {
        received.delete(piece);
        for (const set of requests.values()) {
          for (const name of set) if (name.startsWith(`${piece}/`)) set.delete(name);
        }
      }

      function check(): void {
        let piecesLeft = 0;
        let blocksLeft = 0;
        for (let piece = 0; piece < pieceCount; piece++) {
          const holders = [...has.values()].filter((set) => set.has(piece)).length;
          assert.equal(picker.availability(piece), holders);
          if (!isWanted(piece)) continue;
          piecesLeft++;
          blocksLeft += blocksInPiece(piece) - (received.get(piece)?.size ?? 0);
        }
        assert.equal(picker.piecesLeft, piecesLeft);
        assert.equal(picker.blocksLeft, blocksLeft);
        for (const [peer, set] of has) {
          assert.equal(picker.isInteresting(peer), [...set].some(isWanted));
          const pairs = picker.blocksRequestedBy(peer);
          const names = new Set<string>();
          for (let at = 0; at < pairs.length; at += 2) names.add(`${pairs[at]}/${pairs[at + 1]}`);
          assert.deepEqual(names, requests.get(peer));
          assert.equal(picker.requestedCount(peer), names.size);
        }
      }

      for (const { kind, peer: peerIndex, piece: anyPiece, number, flags } of operations) {
        const peer = keys[peerIndex]!;
        const piece = anyPiece % pieceCount;
        const isKnown = has.has(peer);
        const isComplete = received.get(piece)?.size === blocksInPiece(piece);
        if (kind === "join" && !isKnown) {
          const all = [...Array(pieceCount).keys()];
          const set = new Set(flags === 0 ? all : all.filter(() => random.integer(8) < flags));
          has.set(peer, set);
          requests.set(peer, new Set());
          picker.addPeer(peer, flags === 0 ? "all" : set);
        } else if (kind === "leave" && isKnown) {
          picker.removePeer(peer);
          has.delete(peer);
          requests.delete(peer);
        } else if (kind === "have" && isKnown) {
          picker.peerHas(peer, piece);
          has.get(peer)!.add(piece);
        } else if (kind === "pick" && isKnown) {
          pickInto(peer, number, {
            wholePieces: (flags & 1) === 1,
            ...((flags & 2) === 2 ? { endGame: true } : {}),
            ...(flags === 7 ? { allowedOnly: new Set([piece]) } : {}),
            ...(flags === 5 ? { suggested: new Set([piece]) } : {}),
          });
        } else if (kind === "receive") {
          const asked = [...(requests.get(peer) ?? [])][number] ?? `${piece}/0`;
          receive(peer, Number(asked.split("/")[0]), Number(asked.split("/")[1]));
        } else if (kind === "abort" && isKnown) {
          const name = [...requests.get(peer)!][number] ?? `${piece}/0`;
          const [ofPiece, block] = name.split("/").map(Number) as [number, number];
          assert.equal(picker.aborted(peer, ofPiece, block), requests.get(peer)!.delete(name));
        } else if (kind === "choke" && isKnown) {
          picker.abortedAll(peer);
          requests.get(peer)!.clear();
        } else if (kind === "priority") {
          picker.setPriority(piece, flags);
          priorities.set(piece, flags);
        } else if (kind === "sequential") {
          picker.setSequential(flags > 3);
        } else if (kind === "verify") {
          picker.pieceVerified(piece);
          have.add(piece);
          drop(piece);
        } else if (kind === "fail" && isComplete) {
          picker.pieceFailed(piece);
          drop(piece);
        } else if (kind === "failSome" && isComplete) {
          picker.pieceFailed(piece, [0]);
          received.get(piece)!.delete(0);
        } else if (kind === "unmark") {
          picker.unmarkHave(piece);
          have.delete(piece);
        }
        check();
      }

      for (const peer of [...has.keys()]) {
        picker.removePeer(peer);
        has.delete(peer);
        requests.delete(peer);
      }
      const seed_ = {};
      has.set(seed_, new Set(Array(pieceCount).keys()));
      requests.set(seed_, new Set());
      picker.addPeer(seed_, "all");
      for (const [piece, blocksIn] of received) {
        if (blocksIn.size === blocksInPiece(piece)) {
          picker.pieceVerified(piece);
          have.add(piece);
        }
      }
      while (!picker.isComplete) {
        assert.ok(pickInto(seed_, 7, {}) > 0, "a seed always gets the next block");
        for (const name of [...requests.get(seed_)!]) {
          const [piece, block] = name.split("/").map(Number) as [number, number];
          receive(seed_, piece, block);
          if (received.get(piece)!.size < blocksInPiece(piece)) continue;
          picker.pieceVerified(piece);
          have.add(piece);
        }
      }
      check();
    },
  );
  fc.assert(property, { numRuns: 300 });
});

test("starts the rarest piece that the peer has, once the first few are there", () => {
  const picker = createPicker(20, 1);
  for (let piece = 0; piece < 4; piece++) picker.markHave(piece);
  const peer = {};
  picker.addPeer(peer, "all");
  for (const missing of [11, 17]) picker.addPeer({}, { has: (piece) => piece !== missing });
  assert.deepEqual(pickPieces(picker, peer, 2).toSorted(), [11, 17]);
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

test("end game: late blocks are asked of others, least asked first, of three peers at most", () => {
  const picker = createPicker(1, 2);
  const peers = [{}, {}, {}, {}];
  for (const peer of peers) picker.addPeer(peer, "all");
  const ask = (peer: object, wanted: number) => {
    const into: number[] = [];
    picker.pick(peer, wanted, into, { endGame: true });
    return into;
  };
  assert.deepEqual(ask(peers[0]!, 9), [0, 0, 0, 1]);
  assert.deepEqual(ask(peers[0]!, 9), []);
  assert.deepEqual(ask(peers[1]!, 1), [0, 0]);
  assert.deepEqual(ask(peers[2]!, 1), [0, 1]);
  assert.deepEqual(ask(peers[2]!, 1), [0, 0]);
  assert.deepEqual(ask(peers[3]!, 9), [0, 1]);
  const { outcome, cancel } = picker.received(peers[1]!, 0, 0);
  assert.equal(outcome, "accepted");
  assert.deepEqual(cancel, [peers[0], peers[2]]);
  assert.deepEqual(picker.blocksRequestedBy(peers[2]!), [0, 1]);
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

test("a torrent of two million pieces and fifty peers needs no more than 120 MiB", () => {
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
  for (let have = 0; have < 200_000; have++) {
    picker.peerHas(peers[12 + random.integer(38)]!, random.integer(pieceCount));
  }
  for (let round = 0; round < 200; round++) {
    for (const peer of peers) pickPieces(picker, peer, 4);
    for (const peer of peers) deliver(picker, peer);
  }
  assert.ok(picker.piecesLeft < pieceCount - 39_000);
  const after = process.memoryUsage();
  const grownMiB =
    (after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed) / 2 ** 20;
  assert.ok(grownMiB < 120, `${grownMiB} MiB`);
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
