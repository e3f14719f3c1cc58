import assert from "node:assert/strict";
import { outcome } from "../crowd.ts";
import type { Scenario } from "../scenario.ts";

const ROUNDS = 3;
const APART_S = 40;
const TOGETHER_S = 15;

export const partitions: Scenario = {
  name: "partitions",
  promise: "a crowd that is parted at random, again and again, completes once it has healed",
  peers: { full: 200, small: 20 },
  crowd: {
    pieces: 48,
    pieceLengthKib: 64,
    line: { upBytesPerSecond: 50_000, downBytesPerSecond: 400_000, poolBytes: 1024 * 1024 },
  },
  async play(crowd, peers) {
    const { world } = crowd;
    const { seeder, members } = await crowd.begin(peers);
    const { random } = crowd;
    for (let round = 0; round < ROUNDS; round++) {
      await crowd.pass(TOGETHER_S);
      const far = members.filter(() => random.integer(2) === 0).map(({ host }) => host);
      const near = members.map(({ host }) => host).filter((host) => !far.includes(host));
      world.partition([seeder.host, ...near], far);
      await crowd.pass(APART_S);
      world.heal();
    }
    await crowd.complete(members, 1200);
    const figures = outcome(crowd, members);
    assert.ok(figures.waste < 0.2, `${figures.waste} of the payload came in vain`);
    return figures;
  },
};
