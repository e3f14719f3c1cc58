import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertSchedule, limitsAt, type SpeedSchedule } from "./speed-schedule.ts";

const NIGHT = { days: [5], fromMinute: 22 * 60, toMinute: 6 * 60, download: null } as const;
const WORK = { days: [1, 2, 3, 4, 5], fromMinute: 9 * 60, toMinute: 17 * 60, download: 1 } as const;
const at = (date: string) => Date.parse(date);

describe("a speed schedule", () => {
  const schedule: SpeedSchedule = { utcOffsetMinutes: 0, rules: [WORK, NIGHT] };

  it("holds from its first minute up to its last, on its days", () => {
    // 2026-01-05 is a Monday.
    assert.equal(limitsAt(schedule, at("2026-01-05T08:59:59Z")), null);
    assert.equal(limitsAt(schedule, at("2026-01-05T09:00:00Z")), WORK);
    assert.equal(limitsAt(schedule, at("2026-01-05T16:59:59Z")), WORK);
    assert.equal(limitsAt(schedule, at("2026-01-05T17:00:00Z")), null);
    assert.equal(limitsAt(schedule, at("2026-01-04T12:00:00Z")), null);
  });

  it("goes on into the next day when it ends before it begins", () => {
    assert.equal(limitsAt(schedule, at("2026-01-09T22:00:00Z")), NIGHT);
    assert.equal(limitsAt(schedule, at("2026-01-10T05:59:00Z")), NIGHT);
    assert.equal(limitsAt(schedule, at("2026-01-10T06:00:00Z")), null);
    assert.equal(limitsAt(schedule, at("2026-01-09T05:00:00Z")), null);
  });

  it("goes by the clock of its own offset", () => {
    const east = { ...schedule, utcOffsetMinutes: 120 };
    assert.equal(limitsAt(east, at("2026-01-05T07:00:00Z")), WORK);
    assert.equal(limitsAt(east, at("2026-01-05T15:00:00Z")), null);
  });

  it("refuses minutes that no day has", () => {
    const rules = [{ ...WORK, toMinute: 24 * 60 + 1 }];
    assert.throws(() => assertSchedule({ utcOffsetMinutes: 0, rules }), RangeError);
    assertSchedule(schedule);
  });
});
