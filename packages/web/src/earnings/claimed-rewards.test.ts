import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { claimedWithin, rewardsByPoint } from "./claimed-rewards.ts";

const reward = (endsAtMs: number, state: "claimed" | "claimable" = "claimed") =>
  ({ epoch: 1, startsAtMs: 0, endsAtMs, wei: "5", state, claimableAtMs: null }) as const;

suite("claimed rewards", () => {
  test("count in the time in which their epoch ended, and once they are claimed", () => {
    const rewards = [reward(10), reward(20), reward(20, "claimable"), reward(30)];
    assert.deepEqual(claimedWithin(rewards, { fromMs: 15, toMs: 25 }), [reward(20)]);
  });

  test("fall upon one point each, and lose nothing that is within the points", () => {
    const points = [0, 10, 20].map((atMs) => ({ atMs, earnedWei: "0", spentWei: "0" }));
    const rewards = [reward(9), reward(10), reward(29), reward(30)];
    assert.deepEqual(rewardsByPoint(rewards, { points, stepMs: 10 }), [5n, 5n, 5n]);
  });
});
