import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findTwin, findWhoGivesWay, isCrowded, type Placed } from "./admission.ts";

function placed(number: number, changes: Partial<Placed> = {}): Placed {
  return {
    remote: { address: `10.0.0.${number}`, port: 6881 },
    peerId: new Uint8Array(20).fill(number),
    incoming: true,
    source: "incoming",
    connectedAtMs: 0,
    snubbed: false,
    requestsSent: 0,
    isBusy: false,
    priority: number,
    ...changes,
  };
}

describe("BEP 40: in a full swarm", () => {
  it("the one of lowest priority gives way, and only to a higher one", () => {
    const peers = [placed(5), placed(3), placed(9)];
    assert.equal(findWhoGivesWay(peers, 4), peers[1]);
    assert.equal(findWhoGivesWay(peers, 3), null);
  });

  it("whom the user named stays, and who is sending blocks, unless it snubs", () => {
    const named = placed(1, { source: "user" });
    const sending = placed(2, { requestsSent: 5 });
    const snubbing = placed(3, { requestsSent: 5, snubbed: true });
    assert.equal(findWhoGivesWay([named, sending], 9), null);
    assert.equal(findWhoGivesWay([named, sending, snubbing], 9), snubbing);
    const settling = placed(3, { isBusy: true });
    assert.equal(findWhoGivesWay([named, sending, settling], 9), null);
  });
});

describe("a newcomer", () => {
  const own = new Uint8Array(20).fill(5);

  it("is refused when it is this side itself, or there already", () => {
    const peers = [placed(7)];
    const newcomer = (number: number) => ({
      peerId: new Uint8Array(20).fill(number),
      incoming: true,
    });
    assert.equal(findTwin(newcomer(5), peers, own, 0).refusal?.code, "self-connection");
    assert.equal(findTwin(newcomer(7), peers, own, 0).refusal?.code, "duplicate-peer");
    assert.deepEqual(findTwin(newcomer(8), peers, own, 0), { refusal: null, replaced: null });
  });

  it("that crossed with a dial of ours: both sides keep what the greater ID opened", () => {
    for (const [number, keepsIncoming] of [
      [3, false],
      [7, true],
    ] as const) {
      const peerId = new Uint8Array(20).fill(number);
      const ours = placed(number, { peerId, incoming: false });
      const { refusal, replaced } = findTwin({ peerId, incoming: true }, [ours], own, 100);
      assert.equal(replaced === ours, keepsIncoming);
      assert.equal(refusal === null, keepsIncoming);
      // Long after, there is no crossing.
      assert.ok(findTwin({ peerId, incoming: true }, [ours], own, 60_000).refusal !== null);
    }
  });

  it("of an address that holds half of all places finds no room", () => {
    const crowd = Array.from({ length: 50 }, (_, index) =>
      placed(index, { remote: { address: "10.1.1.1", port: index } }),
    );
    assert.ok(isCrowded("10.1.1.1", crowd, 100));
    assert.equal(isCrowded("10.1.1.1", crowd.slice(1), 100), false);
    assert.equal(isCrowded("10.1.1.2", crowd, 100), false);
    assert.equal(isCrowded("10.1.1.1", crowd.slice(0, 7), 4), false);
  });
});
