import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import { SpeedHistory } from "./speed-history.ts";

suite("the history of rates", () => {
  test("is by the second for the last ten minutes, and averaged to as many points as are asked for", () =>
    withWorld({ seed: 1 }, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      let second = 0;
      const history = await world.complete(
        SpeedHistory.open(host, () => ({ downloadRate: (second += 1), uploadRate: 5 })),
      );
      await world.run({ untilMs: world.timeMs + 600_000 });
      const fine = history.query({ points: 1000 });
      assert.equal(fine.stepMs, 1000);
      assert.ok(fine.points.length >= 598, String(fine.points.length));
      assert.equal(fine.points[1]!.downloadRate, fine.points[0]!.downloadRate + 1);
      const coarse = history.query({ points: 60 });
      assert.equal(coarse.stepMs, 10_000);
      assert.ok(coarse.points.length <= 60);
      await world.complete(history.close());
    }));

  test("minutes and hours outlast a kill, up to the last whole one", () =>
    withWorld({ seed: 2 }, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      await world.complete(SpeedHistory.open(host, () => ({ downloadRate: 100, uploadRate: 7 })));
      await world.run({ untilMs: world.timeMs + 3 * 3_600_000 });
      host.crash();
      const again = world.restart(host);
      const history = await world.complete(
        SpeedHistory.open(again, () => ({ downloadRate: 0, uploadRate: 0 })),
      );
      const fromMs = again.clock.nowMs() - 3 * 3_600_000;
      const minutes = history.query({ fromMs, points: 2000 });
      assert.equal(minutes.stepMs, 60_000);
      assert.ok(minutes.points.length >= 178, String(minutes.points.length));
      assert.ok(minutes.points.every(({ uploadRate }) => uploadRate === 7));
      const hours = history.query({ fromMs: again.clock.nowMs() - 30 * 86_400_000, points: 2000 });
      assert.equal(hours.stepMs, 3_600_000);
      assert.ok(hours.points.length >= 2);
      await world.complete(history.close());
    }));
});
