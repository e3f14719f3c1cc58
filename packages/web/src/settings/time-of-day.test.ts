import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY_MINUTES, minuteOf, timeOf } from "./time-of-day.ts";

test("every minute of the day comes back, and the end of a day is midnight", () => {
  for (let minute = 0; minute < DAY_MINUTES; minute++)
    assert.equal(minuteOf(timeOf(minute)), minute);
  assert.equal(timeOf(DAY_MINUTES), "00:00");
  assert.deepEqual(["", "24:00", "8:00", "12:60"].map(minuteOf), [null, null, null, null]);
});
