import assert from "node:assert/strict";
import { test } from "node:test";
import { createRateMeter } from "./rate-meter.ts";

test("shows a steady rate after a second, and for as long as it lasts", () => {
  const meter = createRateMeter();
  for (let nowMs = 5000; nowMs < 65_000; nowMs += 10) {
    meter.add(1000, nowMs);
    if (nowMs > 6000) assert.ok(Math.abs(meter.bytesPerSecond(nowMs) - 100_000) < 2000);
  }
  assert.equal(meter.totalBytes, 6_000_000);
});

test("falls to nothing within a few seconds of silence", () => {
  const meter = createRateMeter();
  assert.equal(meter.bytesPerSecond(0), 0);
  for (let nowMs = 0; nowMs < 10_000; nowMs += 10) meter.add(1000, nowMs);
  assert.ok(meter.bytesPerSecond(13_000) < 40_000);
  assert.ok(meter.bytesPerSecond(30_000) < 200);
});

test("spreads a first burst over a second at least", () => {
  const meter = createRateMeter();
  meter.add(16_384, 100);
  const rate = meter.bytesPerSecond(100);
  assert.ok(rate > 16_384 && rate < 20_000, `${rate}`);
});
