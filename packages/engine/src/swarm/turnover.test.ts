import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseWhoGoes, Turnover, type Worthy } from "./turnover.ts";

function worthy(number: number, changes: Partial<Worthy> = {}): Worthy & { number: number } {
  return {
    number,
    remote: { address: `10.0.0.${number}`, port: 6881 },
    peerId: new Uint8Array(20),
    incoming: false,
    source: "tracker",
    connectedAtMs: 0,
    snubbed: false,
    requestsSent: 0,
    isBusy: false,
    priority: number,
    interested: true,
    peerInterested: true,
    downloadedBytes: number * 1000,
    uploadedBytes: 0,
    ...changes,
  };
}

const full = Array.from({ length: 100 }, (_, index) => worthy(index));
const state = { places: 100, waiting: 50, isFull: false, nowMs: 600_000 };
const numbers = (peers: readonly { number: number }[]) => peers.map(({ number }) => number);

describe("the turnover of a full swarm", () => {
  it("is 4 %: those who brought least in their time", () => {
    assert.deepEqual(numbers(chooseWhoGoes({ ...state, peers: full })), [0, 1, 2, 3]);
  });

  it("begins with those of no use, then with those that snub", () => {
    const useless = worthy(500, { interested: false, peerInterested: false });
    const snubbing = worthy(600, { snubbed: true });
    const peers = [...full, snubbing, useless];
    assert.deepEqual(numbers(chooseWhoGoes({ ...state, peers })), [500, 600, 0, 1]);
  });

  it("spares newcomers, whom the user named and who has something to settle, and lets go no more than wait outside", () => {
    const spared = [
      worthy(-1, { source: "user" }),
      worthy(-2, { connectedAtMs: 590_000 }),
      worthy(-3, { isBusy: true }),
    ];
    const peers = [...full, ...spared];
    assert.deepEqual(numbers(chooseWhoGoes({ ...state, peers, waiting: 2 })), [0, 1]);
    assert.deepEqual(chooseWhoGoes({ ...state, peers, waiting: 0 }), []);
  });

  it("is none while there is room", () => {
    const peers = full.slice(0, 89);
    assert.deepEqual(chooseWhoGoes({ ...state, peers }), []);
    assert.equal(chooseWhoGoes({ ...state, peers, isFull: true }).length, 3);
  });

  it("comes every five minutes", () => {
    const closed: string[] = [];
    const close = (error: Error & { code: string }) => void closed.push(error.code);
    const peers = full.map((peer) => ({ ...peer, close }));
    const swarm = { peers, places: 100, waiting: () => 9, isFull: () => false };
    const turnover = new Turnover(swarm, 0);
    turnover.tick(299_999);
    assert.deepEqual(closed, []);
    turnover.tick(300_000);
    assert.deepEqual(closed, Array(4).fill("replaced"));
    turnover.tick(301_000);
    assert.equal(closed.length, 4);
  });
});
