import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createPiecePicker } from "./piece-picker.ts";
import { createSeededRandom } from "./test-random.ts";

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
      "deadline",
      "deadline",
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
          if (others > 0) assert.ok(others < 3 && ("endGame" in options || "urgent" in options));
          else free++;
          requests.get(peer)!.add(name);
        }
        assert.ok(into.length / 2 <= wanted);
        if (free < into.length / 2 && !("urgent" in options)) {
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
            ...((flags & 2) === 2 ? { endGame: () => true } : {}),
            ...(flags === 7 ? { allowedOnly: new Set([piece]) } : {}),
            ...(flags === 6
              ? { urgent: { serves: (at: number) => at % 2 === 0, isLate: () => number > 7 } }
              : {}),
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
        } else if (kind === "deadline") {
          picker.setDeadline(piece, flags === 0 ? null : number);
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
