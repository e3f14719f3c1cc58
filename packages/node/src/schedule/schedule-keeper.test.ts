import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { SpeedSchedule } from "@shoal/engine";
import { withWorld } from "@shoal/runtime/sim";
import { ScheduleKeeper } from "./schedule-keeper.ts";

suite("the speed schedule", () => {
  test("is the session's in local time, and is set anew when clocks are put forward", () =>
    withWorld({ seed: 1 }, async (world) => {
      const set: (SpeedSchedule | null)[] = [];
      let offset = 60;
      const keeper = new ScheduleKeeper({
        session: { setSchedule: (schedule) => void set.push(schedule) },
        clock: world.host({ address: "10.0.0.1" }).clock,
        utcOffsetMinutes: () => offset,
      });
      keeper.use([]);
      assert.deepEqual(set, []);
      const rule = { days: [1, 2], fromMinute: 60, toMinute: 120, upload: 1000 };
      keeper.use([rule]);
      assert.deepEqual(set, [{ utcOffsetMinutes: 60, rules: [rule] }]);
      await world.run({ untilMs: 300_000 });
      assert.equal(set.length, 1);
      offset = 120;
      await world.run({ untilMs: 400_000 });
      assert.deepEqual(set[1], { utcOffsetMinutes: 120, rules: [rule] });
      keeper.use([]);
      assert.equal(set[2], null);
      keeper.close();
    }));
});
