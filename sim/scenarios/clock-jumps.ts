import assert from "node:assert/strict";
import { completionTimesS, Crowd, quantile, wastePart } from "../crowd.ts";
import type { Scenario } from "../scenario.ts";

const DAY_MS = 86_400_000;
/** A suspended laptop, a wrong time zone, a battery that died: what clocks are set off by. */
const JUMPS_MS = [3_600_000, -3_600_000, 10 * 365 * DAY_MS, -20 * 365 * DAY_MS, 1, -1];
const EVERY_S = 5;

export const clockJumps: Scenario = {
  name: "clock-jumps",
  promise: "wall clocks that jump forward and back, by years, slow nobody down",
  peers: { full: 100, small: 12 },
  world: { quantumMs: 100 },
  async play(world, peers) {
    const crowd = await Crowd.open(world, {
      pieces: 48,
      pieceLengthKib: 64,
      line: { upBytesPerSecond: 100_000, downBytesPerSecond: 400_000, poolBytes: 1024 * 1024 },
    });
    const seeder = await crowd.seeder();
    const members = await crowd.join(peers);
    const { random } = world.host({ address: "10.254.0.1" });
    const idealS = crowd.lengthBytes / 100_000;
    let jumps = 0;
    while (members.some(({ completedMs }) => completedMs === null)) {
      for (const { host } of [seeder, ...members]) {
        if (random.integer(3) !== 0) continue;
        world.jumpClock(host, JUMPS_MS[random.integer(JUMPS_MS.length)]!);
        jumps++;
      }
      await crowd.pass(EVERY_S);
      assert.ok(world.timeMs - crowd.startedMs < idealS * 5000, "the crowd has come to a halt");
    }
    await crowd.complete(members, 1);
    const lastS = quantile(completionTimesS(members), 1);
    const waste = wastePart(members, crowd.lengthBytes);
    await crowd.close();
    assert.ok(lastS < idealS * 3, `took ${lastS} s where ${idealS} s are ideal`);
    return { jumps, lastS, waste };
  },
};
