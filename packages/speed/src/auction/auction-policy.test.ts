import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { ChokerPeer, ChokeRound } from "@shoal/engine";
import { createAuctionPolicy } from "./auction-policy.ts";

/** Serves whoever stands first. */
const free = { chooseUnchoked: ({ peers, slots }: ChokeRound) => peers.slice(0, slots) };

function peer(name: string, more: Partial<ChokerPeer> = {}): ChokerPeer {
  return {
    key: { name },
    isInterested: true,
    isUnchoked: false,
    isSnubbing: false,
    connectedForMs: 0,
    canGive: false,
    progress: 0,
    receivedBytes: 0,
    sentBytes: 0,
    receivedBytesPerSecond: 0,
    sentBytesPerSecond: 0,
    ...more,
  };
}

function choose(
  bids: Readonly<Record<string, bigint>>,
  peers: readonly ChokerPeer[],
  init: { slots: number; freeSlots?: number; paidSlots?: number; stalled?: string },
): string[] {
  const { slots, freeSlots = 1, stalled, ...more } = init;
  const bidOf = ({ key }: ChokerPeer) => bids[(key as { name: string }).name] ?? 0n;
  const policy = createAuctionPolicy({
    ...{ bidOf, free, freeSlots, ...more },
    isStalled: ({ key }) => (key as { name: string }).name === stalled,
  });
  const round: ChokeRound = { swarm: {}, nowMs: 0, isSeeding: true, slots, peers };
  return policy.chooseUnchoked(round).map(({ key }) => (key as { name: string }).name);
}

const five = ["a", "b", "c", "d", "e"].map((name) => peer(name));

suite("the auction of upload slots", () => {
  test("the highest bids win, and free peers keep a slot", () => {
    const bids = { b: 5n, c: 9n, d: 7n, e: 1n };
    assert.deepEqual(choose(bids, five, { slots: 4 }), ["c", "d", "b", "a"]);
  });

  test("with nobody paying, the slots are dealt as without an auction", () => {
    assert.deepEqual(choose({}, five, { slots: 4 }), ["a", "b", "c", "d"]);
  });

  test("a bidder that does not win may still get a free slot", () => {
    assert.deepEqual(choose({ a: 1n, b: 5n, c: 5n }, five, { slots: 3 }), ["b", "c", "a"]);
  });

  test("who has to pay before it is served gets no slot, neither a paid nor a free one", () => {
    const bids = { a: 9n, b: 5n };
    assert.deepEqual(choose(bids, five, { slots: 5, stalled: "a" }), ["b", "c", "d", "e"]);
  });

  test("with one slot alone, free peers have it", () => {
    assert.deepEqual(choose({ e: 100n }, five, { slots: 1 }), ["a"]);
  });

  test("no more slots are sold than are for sale", () => {
    const bids = { c: 5n, d: 5n, e: 5n };
    assert.deepEqual(choose(bids, five, { slots: 4, paidSlots: 1 }), ["c", "a", "b", "d"]);
  });

  test("equal bids go by what came of the peer, and then to who has a slot already", () => {
    const peers = [
      peer("a"),
      peer("b", { isUnchoked: true }),
      peer("c", { receivedBytesPerSecond: 9 }),
    ];
    const bids = { a: 5n, b: 5n, c: 5n };
    assert.deepEqual(choose(bids, peers, { slots: 3 }).slice(0, 2), ["c", "b"]);
  });

  test("a limited rate is shared by the bids, and free peers have a tenth beside", () => {
    const bids: Record<string, bigint> = { c: 9n, d: 3n };
    const policy = createAuctionPolicy({
      bidOf: ({ key }) => bids[(key as { name: string }).name] ?? 0n,
      free,
      freeSlots: 1,
    });
    const weights = (slots: number) => {
      policy.chooseUnchoked({ swarm: {}, nowMs: 0, isSeeding: true, slots, peers: five });
      return five.map(({ key }) => policy.weightOf(key));
    };
    assert.deepEqual(weights(4), [0.1, 0.1, 1.5, 0.5, 1]);
    // Two free slots, one of them a payer's.
    bids["a"] = 6n;
    assert.deepEqual(weights(4), [1, 0.25, 1.5, 0.5, 1]);
    // Never less than a fourth of that tenth, however little the lowest bid has.
    bids["c"] = 10n ** 9n;
    assert.equal(weights(4)[1]!.toFixed(6), "0.075000");
    for (const name of ["a", "c", "d"]) delete bids[name];
    assert.deepEqual(weights(4), [1, 1, 1, 1, 1]);
  });

  test("who wants nothing buys nothing", () => {
    const peers = [peer("a", { isInterested: false }), peer("b")];
    assert.deepEqual(choose({ a: 9n, b: 1n }, peers, { slots: 2 }), ["b", "a"]);
  });
});
