import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createGathering } from "./gathering.ts";

/** A gathering of four within 8 ms, under a clock of its own. */
function createScene() {
  let nowMs = 0;
  const gathering = createGathering({ size: 4, maxWaitMs: 8, nowMs: () => nowMs });
  return {
    gathering,
    pass: (ms: number) => (nowMs += ms),
    /** Jobs come a millisecond apart; the last has just come. */
    come: (count: number) => {
      for (let job = 0; job < count; job++) {
        nowMs += 1;
        gathering.arrived();
      }
    },
  };
}

describe("a gathering", () => {
  it("lets jobs go at once while their pace is unknown or slow", () => {
    const { gathering, pass } = createScene();
    gathering.arrived();
    assert.equal(gathering.shouldWait(1), false);
    pass(10);
    gathering.arrived();
    assert.equal(gathering.shouldWait(1), false);
  });

  it("lets jobs that come quickly go four at a time", () => {
    const { gathering, come } = createScene();
    come(2);
    for (const waiting of [1, 2, 3]) {
      come(1);
      assert.equal(gathering.shouldWait(waiting), true);
    }
    come(1);
    assert.equal(gathering.shouldWait(4), false);
  });

  it("lets an incomplete group go after its time", () => {
    const { gathering, come, pass } = createScene();
    come(3);
    assert.equal(gathering.shouldWait(1), true);
    pass(7);
    assert.equal(gathering.shouldWait(1), true);
    pass(1);
    assert.equal(gathering.shouldWait(1), false);
  });

  it("begins no group after a pause", () => {
    const { gathering, come, pass } = createScene();
    come(3);
    pass(40);
    gathering.arrived();
    assert.equal(gathering.shouldWait(1), false);
  });
});
