import assert from "node:assert/strict";
import { outcome } from "../crowd.ts";
import type { Scenario } from "../scenario.ts";

const DAY_MS = 86_400_000;
/** A suspended laptop, a wrong time zone, a battery that died: what clocks are set off by. */
const JUMPS_MS = [3_600_000, -3_600_000, 10 * 365 * DAY_MS, -20 * 365 * DAY_MS, 1, -1];
const EVERY_S = 5;

export const clockJumps: Scenario = {
  name: "clock-jumps",
  promise: "wall clocks that jump forward and back, by years, slow nobody down",
  peers: { full: 100, small: 12 },
  async play(crowd, peers) {
    const { world } = crowd;
    const { seeder, members } = await crowd.begin(peers);
    const { random } = crowd;
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
    const { lastS, waste } = outcome(crowd, members);
    assert.ok(lastS < idealS * 3, `took ${lastS} s where ${idealS} s are ideal`);
    return { jumps, lastS, waste };
  },
};
