import assert from "node:assert/strict";
import { test } from "node:test";

import { decodeCompactEndpoints, encodeCompactEndpoint } from "@shoal/protocol";
import type { AnnounceEvent } from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import type { SimWorld } from "@shoal/runtime/sim";

import { createMemorySwarmState } from "./memory-swarm-state.ts";
import type { SwarmLimits } from "./memory-swarm-state.ts";
import type { SwarmAnswer, SwarmState, SwarmStats } from "./swarm-state.ts";

const LIFETIME_MS = 60_000;

interface Announce {
  readonly torrent?: number;
  readonly address?: string;
  readonly left?: number;
  readonly event?: AnnounceEvent;
  readonly numWant?: number;
}

function withState(
  limits: Partial<SwarmLimits>,
  test: (setting: {
    world: SimWorld;
    state: SwarmState;
    announce: (announce: Announce) => SwarmAnswer | null;
    stats: () => SwarmStats;
  }) => Promise<void> | void,
): () => Promise<void> {
  return () =>
    withWorld({ seed: 1 }, async (world) => {
      const { clock, random } = world.host({ address: "9.0.0.1" });
      const state = createMemorySwarmState({ clock, random, peerLifetimeMs: LIFETIME_MS, limits });
      const announce = ({
        torrent = 0,
        address = "1.0.0.1",
        left = 1,
        event,
        numWant = 50,
      }: Announce) => {
        const answer = state.announce({
          infoHash: new Uint8Array(20).fill(torrent),
          endpoint: encodeCompactEndpoint({ address, port: 6881 }),
          event,
          leftBytes: left,
          numWant,
          wantsBothFamilies: true,
        });
        assert.ok(!(answer instanceof Promise));
        return answer;
      };
      const stats = (): SwarmStats => {
        const stats = state.stats();
        assert.ok(!(stats instanceof Promise));
        return stats;
      };
      await test({ world, state, announce, stats });
      await state.close();
    });
}

const addresses = (answer: SwarmAnswer | null): string[] => [
  ...decodeCompactEndpoints(answer!.peers4, 4, 1000).map(({ address }) => address),
  ...decodeCompactEndpoints(answer!.peers6, 6, 1000).map(({ address }) => address),
];

test(
  "leechers are given everyone else, seeders leechers alone, families apart",
  withState({}, ({ announce }) => {
    announce({ address: "1.0.0.1", left: 0 });
    announce({ address: "1.0.0.2", left: 0 });
    announce({ address: "2001:db8::3" });
    assert.deepEqual(addresses(announce({ address: "1.0.0.4" })).sort(), [
      "1.0.0.1",
      "1.0.0.2",
      "2001:db8::3",
    ]);
    assert.deepEqual(addresses(announce({ address: "1.0.0.2", left: 0 })).sort(), [
      "1.0.0.4",
      "2001:db8::3",
    ]);
    assert.deepEqual(addresses(announce({ address: "1.0.0.9", torrent: 2 })), []);
  }),
);

test(
  "who starts is given seeders, whatever it says is left: aria2 knows no length while it has only a magnet link",
  withState({}, ({ announce }) => {
    announce({ address: "1.0.0.1", left: 0 });
    const answer = announce({ address: "1.0.0.2", left: 0, event: "started" });
    assert.deepEqual(addresses(answer), ["1.0.0.1"]);
  }),
);

test(
  "who has stopped is forgotten and gets nobody",
  withState({}, ({ announce, stats }) => {
    announce({ address: "1.0.0.1" });
    announce({ address: "1.0.0.2" });
    assert.deepEqual(addresses(announce({ address: "1.0.0.2", event: "stopped" })), []);
    assert.deepEqual(addresses(announce({ address: "1.0.0.3" })), ["1.0.0.1"]);
    assert.equal(stats().peers4, 2);
    announce({ torrent: 9, event: "stopped" });
    assert.equal(stats().torrents, 1);
  }),
);

test(
  "a completed download counts once, and only of who was seen downloading",
  withState({}, ({ announce, state }) => {
    const completed = (): number => {
      const figures = state.scrape(new Uint8Array(20));
      assert.ok(!(figures instanceof Promise));
      return figures.completed;
    };
    announce({ left: 0, event: "completed" });
    assert.equal(completed(), 0);
    announce({ address: "1.0.0.2", left: 5 });
    announce({ address: "1.0.0.2", left: 0, event: "completed" });
    announce({ address: "1.0.0.2", left: 0, event: "completed" });
    assert.equal(completed(), 1);
  }),
);

test(
  "peers that fall silent are dropped within one and a half lifetimes, and empty torrents with them",
  withState({}, async ({ world, announce, stats }) => {
    announce({ address: "1.0.0.1" });
    announce({ address: "1.0.0.2" });
    announce({ torrent: 1 });
    await world.run({ untilMs: LIFETIME_MS * 0.9 });
    announce({ address: "1.0.0.2" });
    assert.equal(stats().peers4, 3);
    await world.run({ untilMs: LIFETIME_MS * 1.55 });
    assert.deepEqual(stats(), { torrents: 1, peers4: 1, peers6: 0, peersWeb: 0 });
    await world.run({ untilMs: LIFETIME_MS * 3 });
    assert.deepEqual(stats(), { torrents: 0, peers4: 0, peers6: 0, peersWeb: 0 });
  }),
);

test(
  "nobody makes the state grow beyond its limits",
  withState({ torrents: 3, peers: 10, peersPerTorrent: 4 }, ({ announce, stats }) => {
    for (let n = 0; n < 50; n++) announce({ address: `1.0.0.${n}` });
    assert.deepEqual(stats(), { torrents: 1, peers4: 4, peers6: 0, peersWeb: 0 });
    announce({ torrent: 1 });
    announce({ torrent: 2 });
    assert.equal(announce({ torrent: 3 }), null);
    for (let n = 0; n < 50; n++) announce({ torrent: n % 3, address: `2001:db8::${n}` });
    assert.equal(stats().peers4 + stats().peers6, 10);
    assert.equal(stats().torrents, 3);
    // Who is in is refreshed and answered even so.
    assert.notEqual(announce({ torrent: 1 }), null);
  }),
);

test(
  "an answer names 200 peers at most",
  withState({}, ({ announce }) => {
    for (let n = 0; n < 300; n++) announce({ address: `1.0.${n >> 8}.${n & 255}` });
    assert.equal(addresses(announce({ address: "2.0.0.1", numWant: 1_000_000 })).length, 200);
    assert.equal(addresses(announce({ address: "2.0.0.1", numWant: 0 })).length, 0);
  }),
);
