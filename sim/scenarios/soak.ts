import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { outcome } from "../crowd.ts";
import type { Scenario } from "../scenario.ts";

const ROUNDS = 10;
/** By then everything has been used that is made once. */
const WARM_ROUNDS = 3;
/** Between two rounds nothing goes on but what goes on by itself. */
const IDLE_S = 600;
/** Measured: single rounds differ by up to 3 MiB, for what the engine of JavaScript keeps to itself. */
const MOST_GROWTH_BYTES = 2 * 1024 * 1024;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

export const soak: Scenario = {
  name: "soak",
  promise:
    "a seeder and a tracker whose peers come, complete, linger and go, for hours, need no more memory in the end",
  peers: { full: 40, small: 6 },
  async play(crowd, peers) {
    const { seeder, members } = await crowd.begin(peers);
    const heldBytes: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await crowd.complete(members, 3600);
      await crowd.pass(IDLE_S);
      for (const member of members) await crowd.renew(member);
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      heldBytes.push(heapUsed + arrayBuffers);
    }
    await crowd.complete(members, 3600);
    const warm = heldBytes.slice(WARM_ROUNDS);
    const growthBytes = median(warm.slice(-3)) - median(warm.slice(0, 3));
    assert.ok(growthBytes < MOST_GROWTH_BYTES, `${growthBytes} bytes more: ${heldBytes.join()}`);
    assert.equal(seeder.torrent.status().state, "seeding");
    const { lastS } = outcome(crowd, members);
    return { rounds: ROUNDS, hours: lastS / 3600 };
  },
};

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
