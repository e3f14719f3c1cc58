import assert from "node:assert/strict";
import { completionTimesS, Crowd, quantile, wastePart } from "../crowd.ts";
import type { Scenario } from "../scenario.ts";

const ROUNDS = 3;
const APART_S = 40;
const TOGETHER_S = 15;

export const partitions: Scenario = {
  name: "partitions",
  promise: "a crowd that is parted at random, again and again, completes once it has healed",
  peers: { full: 200, small: 20 },
  world: { quantumMs: 100 },
  async play(world, peers) {
    const crowd = await Crowd.open(world, {
      pieces: 48,
      pieceLengthKib: 64,
      line: { upBytesPerSecond: 50_000, downBytesPerSecond: 400_000, poolBytes: 1024 * 1024 },
    });
    const seeder = await crowd.seeder();
    const members = await crowd.join(peers);
    const { random } = world.host({ address: "10.254.0.1" });
    for (let round = 0; round < ROUNDS; round++) {
      await crowd.pass(TOGETHER_S);
      const far = members.filter(() => random.integer(2) === 0).map(({ host }) => host);
      const near = members.map(({ host }) => host).filter((host) => !far.includes(host));
      world.partition([seeder.host, ...near], far);
      await crowd.pass(APART_S);
      world.heal();
    }
    await crowd.complete(members, 1200);
    const waste = wastePart(members, crowd.lengthBytes);
    const times = completionTimesS(members);
    await crowd.close();
    assert.ok(waste < 0.2, `${waste} of the payload came in vain`);
    return { medianS: quantile(times, 0.5), lastS: quantile(times, 1), waste };
  },
};
