import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "@shoal/runtime";
import { DialPace } from "./dial-pace.ts";

test("so many attempts a second over time, and no more in a burst", () => {
  let nowMs = 0;
  const pace = new DialPace({ monotonicMs: () => nowMs } as Clock, 10);
  const takeAll = (): number => {
    let taken = 0;
    while (pace.take()) taken++;
    return taken;
  };
  assert.equal(takeAll(), 10);
  nowMs += 500;
  assert.equal(takeAll(), 5);
  nowMs += 3_600_000;
  assert.equal(takeAll(), 10);
  pace.untake();
  assert.equal(takeAll(), 1);
});
