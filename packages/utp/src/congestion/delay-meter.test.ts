import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { DelayMeter } from "./delay-meter.ts";

/** What the other side would measure when its clock is `offsetUs` ahead. */
const measured = (delayUs: number, offsetUs: number) => (delayUs + offsetUs) >>> 0;

suite("delays", () => {
  test("clocks that differ by anything, and wrap around, do not matter: only changes do", () => {
    for (const offsetUs of [0, 5, 0xffff_ff00, 0x7fff_ffff, 0x8000_0000]) {
      const meter = new DelayMeter();
      meter.add(0, measured(30_000, offsetUs), 0);
      for (let at = 1; at < 4; at++) meter.add(0, measured(90_000, offsetUs), 0);
      assert.equal(meter.queueUs, 60_000);
    }
  });

  test("the least of three samples counts, and a lower one is the new base", () => {
    const meter = new DelayMeter();
    for (const delayUs of [50_000, 80_000, 95_000, 70_000]) meter.add(0, delayUs, 0);
    assert.equal(meter.queueUs, 20_000);
    for (const delayUs of [40_000, 41_000, 42_000]) meter.add(0, delayUs, 0);
    assert.equal(meter.queueUs, 0);
  });

  test("after ten minutes another base counts", () => {
    const meter = new DelayMeter();
    meter.add(0, 20_000, 0);
    for (let minute = 0; minute < 9; minute++) meter.add(0, 70_000, minute * 60_001);
    assert.equal(meter.queueUs, 50_000);
    for (let minute = 9; minute < 14; minute++) meter.add(0, 70_000, minute * 60_001);
    assert.equal(meter.queueUs, 0);
  });

  test("a drift of the clocks does not look like a queue", () => {
    // The other clock runs 100 ppm faster: what it measures grows by 6 ms a minute, and what we measure falls.
    const meter = new DelayMeter();
    for (let second = 0; second < 600; second++) {
      const driftUs = second * 100;
      const nowMs = second * 1000;
      meter.add(nowMs * 1000 + driftUs - 20_000, 20_000 + driftUs, nowMs);
    }
    assert.ok(meter.queueUs! < 1000, `${meter.queueUs} us`);
  });

  test("before the other side has said anything, nothing is known", () => {
    const meter = new DelayMeter();
    meter.add(5, 0, 1);
    assert.equal(meter.queueUs, null);
    assert.equal(meter.replyUs, 995);
  });
});
