import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeCompactEndpoint } from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import { LIFETIME_MS, testSwarmState } from "../conformance/swarm-state-conformance.ts";
import { createMemorySwarmState } from "./memory-swarm-state.ts";
import { createReplicatedSwarmState, type ReplicaChannel } from "./replicated-swarm-state.ts";
import type { SwarmState } from "./swarm-state.ts";

const nobody: ReplicaChannel = { post() {}, onBatch() {}, close() {} };

/** Two ends, each of which hears what the other posts. */
function createChannels(): [ReplicaChannel, ReplicaChannel] {
  const takers: ((batch: Uint8Array) => void)[] = [];
  const end = (own: number): ReplicaChannel => ({
    post: (batch) => takers[1 - own]!(batch),
    onBatch: (take) => (takers[own] = take),
    close() {},
  });
  return [end(0), end(1)];
}

testSwarmState("replicated", (body) =>
  withWorld({ seed: 1 }, async (world) => {
    const { clock, random } = world.host({ address: "9.0.0.1" });
    const local = createMemorySwarmState({ clock, random, peerLifetimeMs: LIFETIME_MS });
    const state = createReplicatedSwarmState({ local, channel: nobody, clock });
    await body({
      state,
      pass: async (ms) => {
        await world.run({ untilMs: world.timeMs + ms });
      },
    });
    await state.close();
  }),
);

test("replicated: each thread knows the peers of all within 50 ms, and who has left", () =>
  withWorld({ seed: 1 }, async (world) => {
    const { clock, random } = world.host({ address: "9.0.0.1" });
    const [a, b] = createChannels().map((channel) =>
      createReplicatedSwarmState({
        local: createMemorySwarmState({ clock, random, peerLifetimeMs: LIFETIME_MS }),
        channel,
        clock,
      }),
    ) as [SwarmState, SwarmState];
    const infoHash = new Uint8Array(20).fill(3);
    const announce = (state: SwarmState, n: number, event?: "stopped" | "completed", left = 1) =>
      state.announce({
        infoHash,
        endpoint:
          n % 2 === 0
            ? encodeCompactEndpoint({ address: `1.0.${n >> 8}.${n & 255}`, port: 1 })
            : encodeCompactEndpoint({ address: `2001:db8::${n.toString(16)}`, port: 1 }),
        event,
        leftBytes: left,
        numWant: 50,
        wantsBothFamilies: true,
      });
    // More than one batch holds.
    for (let n = 0; n < 2000; n++) void announce(n % 3 === 0 ? a : b, n, undefined, n % 5);
    await world.run({ untilMs: 100 });
    assert.deepEqual(await a.scrape(infoHash), { seeders: 400, leechers: 1600, completed: 0 });
    assert.deepEqual(await b.scrape(infoHash), await a.scrape(infoHash));
    void announce(a, 1, "completed", 0);
    void announce(b, 2, "stopped");
    await world.run({ untilMs: 200 });
    assert.deepEqual(await a.scrape(infoHash), { seeders: 401, leechers: 1598, completed: 1 });
    assert.deepEqual(await b.scrape(infoHash), await a.scrape(infoHash));
    await Promise.all([a.close(), b.close()]);
  }));
