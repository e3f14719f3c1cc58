import assert from "node:assert/strict";
import { test } from "node:test";
import { createChoker, type ChokeCandidate } from "./choker.ts";
import type { ChokeRound } from "./upload-policy.ts";
import { countUploadSlots } from "./upload-slots.ts";

function candidate(key: object, changes: Partial<ChokeCandidate> = {}): ChokeCandidate {
  return {
    key,
    isInterested: true,
    isUnchoked: false,
    isSnubbing: false,
    connectedForMs: 0,
    canGive: true,
    progress: 0,
    receivedBytes: 0,
    sentBytes: 0,
    ...changes,
  };
}

test("tells only the peers whose state changes", () => {
  const [a, b, c] = [{}, {}, {}];
  const choker = createChoker({
    policy: { chooseUnchoked: ({ peers }) => peers.filter(({ key }) => key !== c) },
    uploadSlots: 4,
  });
  const peers = [
    candidate(a),
    candidate(b, { isUnchoked: true }),
    candidate(c, { isUnchoked: true }),
  ];
  const decision = choker.run({ nowMs: 0, isSeeding: false, peers });
  assert.equal(decision.unchoke[0], a);
  assert.equal(decision.choke[0], c);
  assert.equal(decision.unchoke.length + decision.choke.length, 2);
});

test("holds any policy to the slots, to interest, and to each peer once", () => {
  const choker = createChoker({
    policy: { chooseUnchoked: ({ peers }) => [...peers, ...peers].flatMap((p) => [p, p]) },
    uploadSlots: 3,
  });
  const peers = Array.from({ length: 9 }, (_, index) =>
    candidate({ index }, { isInterested: index % 2 === 1 }),
  );
  const { unchoke } = choker.run({ nowMs: 0, isSeeding: false, peers });
  assert.deepEqual(unchoke, [{ index: 1 }, { index: 3 }, { index: 5 }]);
});

test("measures rates over whole rounds, not over the moments between two runs", () => {
  const rounds: ChokeRound[] = [];
  const choker = createChoker({
    policy: { chooseUnchoked: (round) => (rounds.push(round), []) },
    uploadSlots: 4,
  });
  const key = {};
  const run = (nowMs: number, receivedBytes: number, sentBytes: number) => {
    choker.run({ nowMs, isSeeding: true, peers: [candidate(key, { receivedBytes, sentBytes })] });
    const { receivedBytesPerSecond, sentBytesPerSecond } = rounds.at(-1)!.peers[0]!;
    return [receivedBytesPerSecond, sentBytesPerSecond];
  };
  assert.deepEqual(run(1000, 500, 0), [0, 0]);
  assert.deepEqual(run(11_000, 100_500, 20_000), [10_000, 2000]);
  assert.deepEqual(run(11_100, 900_000, 900_000), [10_000, 2000]);
  assert.deepEqual(run(21_000, 100_500, 20_000), [5000, 0]);
  assert.deepEqual(run(30_999.7, 100_500, 20_000).map(Math.round), [3333, 0]);
  assert.deepEqual(run(41_000, 100_500, 20_000), [0, 0], "what came is three rounds ago");
});

test("adds slots while the slowest peer is still served well", () => {
  assert.equal(countUploadSlots([]), 4);
  assert.equal(countUploadSlots(Array(4).fill(1000)), 4);
  assert.equal(countUploadSlots(Array(4).fill(100_000)), 5);
  assert.equal(countUploadSlots(Array(50).fill(2048 * 20)), 21);
  assert.equal(countUploadSlots(Array(1000).fill(1e9)), 200);
});
