import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeCompactEndpoint } from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import { LIFETIME_MS, testSwarmState } from "../conformance/swarm-state-conformance.ts";
import { createMemorySwarmState } from "./memory-swarm-state.ts";

testSwarmState("memory", (body) =>
  withWorld({ seed: 1 }, async (world) => {
    const { clock, random } = world.host({ address: "9.0.0.1" });
    const state = createMemorySwarmState({ clock, random, peerLifetimeMs: LIFETIME_MS });
    await body({
      state,
      pass: async (ms) => {
        await world.run({ untilMs: world.timeMs + ms });
      },
    });
    await state.close();
  }),
);

test("nobody makes the state in memory grow beyond its limits", () =>
  withWorld({ seed: 1 }, async (world) => {
    const { clock, random } = world.host({ address: "9.0.0.1" });
    const limits = { torrents: 3, peers: 10, peersPerTorrent: 4 };
    const state = createMemorySwarmState({ clock, random, peerLifetimeMs: LIFETIME_MS, limits });
    const announce = (torrent: number, address: string) =>
      state.announce({
        infoHash: new Uint8Array(20).fill(torrent),
        endpoint: encodeCompactEndpoint({ address, port: 6881 }),
        event: undefined,
        leftBytes: 1,
        numWant: 50,
        wantsBothFamilies: true,
      });
    for (let n = 0; n < 50; n++) await announce(0, `1.0.0.${n}`);
    assert.deepEqual(await state.stats(), { torrents: 1, peers4: 4, peers6: 0, peersWeb: 0 });
    await announce(1, "1.0.0.1");
    await announce(2, "1.0.0.1");
    assert.equal(await announce(3, "1.0.0.1"), null);
    for (let n = 0; n < 50; n++) await announce(n % 3, `2001:db8::${n}`);
    const { torrents, peers4, peers6 } = await state.stats();
    assert.deepEqual([torrents, peers4 + peers6], [3, 10]);
    // Who is in is refreshed and answered even so.
    assert.notEqual(await announce(1, "1.0.0.1"), null);
    await state.close();
  }));
