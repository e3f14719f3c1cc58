import assert from "node:assert/strict";
import { test } from "node:test";
import { type AnnounceEvent, decodeCompactEndpoints, encodeCompactEndpoint } from "@shoal/protocol";
import { WEB_PEER_BYTES } from "../server/swarm-state.ts";
import type { SwarmAnswer, SwarmState } from "../server/swarm-state.ts";

/** A peer is dropped this long after its last announce, at the latest after half as long again. */
export const LIFETIME_MS = 60_000;

/** A fresh state, and its time. */
export interface SwarmStateFixture {
  readonly state: SwarmState;
  /** Lets time pass. */
  readonly pass: (ms: number) => Promise<void>;
}

interface Announce {
  readonly torrent?: number;
  /** An address, or a browser's peer by a number. */
  readonly from?: string | number;
  readonly left?: number;
  readonly event?: AnnounceEvent;
  readonly numWant?: number;
}

interface Setting extends SwarmStateFixture {
  /** @returns the names of the peers of the answer, sorted. */
  readonly announce: (announce?: Announce) => Promise<string[]>;
  readonly figures: (
    torrent?: number,
  ) => Promise<[seeders: number, leechers: number, completed: number]>;
}

/** What every `SwarmState` does. */
export function testSwarmState(
  subject: string,
  withFixture: (body: (fixture: SwarmStateFixture) => Promise<void>) => Promise<void>,
): void {
  const fact = (title: string, body: (setting: Setting) => Promise<void>): void => {
    test(`${subject}: ${title}`, async () => {
      await withFixture(async (fixture) => {
        const { state } = fixture;
        await body({
          ...fixture,
          async announce({ torrent = 0, from = "1.0.0.1", left = 1, event, numWant = 50 } = {}) {
            const answer = await state.announce({
              infoHash: new Uint8Array(20).fill(torrent),
              endpoint: endpointOf(from),
              event,
              leftBytes: left,
              numWant,
              wantsBothFamilies: true,
            });
            return namesIn(answer);
          },
          async figures(torrent = 0) {
            const of = await state.scrape(new Uint8Array(20).fill(torrent));
            return [of.seeders, of.leechers, of.completed];
          },
        });
      });
    });
  };

  fact("leechers are given everyone else, seeders leechers alone", async ({ announce }) => {
    await announce({ from: "1.0.0.1", left: 0 });
    await announce({ from: "1.0.0.2", left: 0 });
    await announce({ from: "2001:db8::3" });
    assert.deepEqual(await announce({ from: "1.0.0.4" }), ["1.0.0.1", "1.0.0.2", "2001:db8::3"]);
    assert.deepEqual(await announce({ from: "1.0.0.2", left: 0 }), ["1.0.0.4", "2001:db8::3"]);
    assert.deepEqual(await announce({ from: "1.0.0.9", torrent: 2 }), []);
  });

  fact("who starts is given seeders, whatever it says is left", async ({ announce }) => {
    // aria2 knows no length while it has only a magnet link.
    await announce({ from: "1.0.0.1", left: 0 });
    assert.deepEqual(await announce({ from: "1.0.0.2", left: 0, event: "started" }), ["1.0.0.1"]);
  });

  fact("browsers' peers are given each other alone, and count all the same", async (setting) => {
    const { announce, figures, state } = setting;
    await announce({ from: "1.0.0.1", left: 0 });
    assert.deepEqual(await announce({ from: 7, left: 0 }), []);
    assert.deepEqual(await announce({ from: 8 }), ["web 7"]);
    assert.deepEqual(await announce({ from: "1.0.0.2" }), ["1.0.0.1"]);
    assert.deepEqual(await figures(), [2, 2, 0]);
    assert.deepEqual(await state.stats(), { torrents: 1, peers4: 2, peers6: 0, peersWeb: 2 });
    assert.deepEqual(await announce({ from: 7, event: "stopped" }), []);
    assert.deepEqual(await announce({ from: 9 }), ["web 8"]);
  });

  fact("who has stopped is forgotten and gets nobody", async ({ announce, figures }) => {
    await announce({ from: "1.0.0.1" });
    await announce({ from: "1.0.0.2" });
    assert.deepEqual(await announce({ from: "1.0.0.2", event: "stopped" }), []);
    assert.deepEqual(await announce({ from: "1.0.0.3" }), ["1.0.0.1"]);
    assert.deepEqual(await figures(), [0, 2, 0]);
    await announce({ torrent: 9, event: "stopped" });
    assert.deepEqual(await figures(9), [0, 0, 0]);
  });

  fact(
    "a completed download counts once, and only of who was seen downloading",
    async (setting) => {
      const { announce, figures } = setting;
      await announce({ left: 0, event: "completed" });
      assert.deepEqual(await figures(), [1, 0, 0]);
      await announce({ from: "1.0.0.2", left: 5 });
      await announce({ from: "1.0.0.2", left: 0, event: "completed" });
      await announce({ from: "1.0.0.2", left: 0, event: "completed" });
      assert.deepEqual(await figures(), [2, 0, 1]);
    },
  );

  fact("peers that fall silent are dropped within one and a half lifetimes", async (setting) => {
    const { announce, figures, pass, state } = setting;
    await announce({ from: "1.0.0.1" });
    await announce({ from: "1.0.0.2" });
    await announce({ torrent: 1 });
    await pass(LIFETIME_MS * 0.9);
    await announce({ from: "1.0.0.2" });
    assert.deepEqual(await figures(), [0, 2, 0]);
    await pass(LIFETIME_MS * 0.65);
    assert.deepEqual(await state.stats(), { torrents: 1, peers4: 1, peers6: 0, peersWeb: 0 });
    assert.deepEqual(await announce({ from: "1.0.0.3" }), ["1.0.0.2"]);
    await pass(LIFETIME_MS * 3);
    assert.deepEqual(await state.stats(), { torrents: 0, peers4: 0, peers6: 0, peersWeb: 0 });
  });

  fact("an answer names as many as are wanted, 200 at most, each once", async ({ announce }) => {
    for (let n = 0; n < 300; n++) {
      await announce({ from: `1.0.${n >> 8}.${n & 255}`, left: n % 3 });
    }
    for (const [numWant, count] of [
      [1_000_000, 200],
      [30, 30],
      [1, 1],
      [0, 0],
    ] as const) {
      const names = await announce({ from: "2.0.0.1", numWant });
      assert.equal(new Set(names).size, count);
      assert.equal(names.length, count);
    }
  });

  fact("every peer of a swarm is named sooner or later", async ({ announce }) => {
    for (let n = 0; n < 40; n++) await announce({ from: `1.0.0.${n}`, left: n % 2 });
    const seen = new Set<string>();
    for (let n = 0; n < 100; n++) {
      for (const name of await announce({ from: "2.0.0.1", numWant: 10 })) seen.add(name);
    }
    assert.equal(seen.size, 40);
  });
}

function endpointOf(from: string | number): Uint8Array {
  return typeof from === "number"
    ? new Uint8Array(WEB_PEER_BYTES).fill(from)
    : encodeCompactEndpoint({ address: from, port: 6881 });
}

function namesIn(answer: SwarmAnswer | null): string[] {
  assert.ok(answer !== null);
  const { peers4, peers6, peersWeb } = answer;
  assert.equal(peersWeb.length % WEB_PEER_BYTES, 0);
  const web = Array.from(
    { length: peersWeb.length / WEB_PEER_BYTES },
    (_, index) => `web ${peersWeb[index * WEB_PEER_BYTES]}`,
  );
  return [
    ...decodeCompactEndpoints(peers4, 4, 1000).map(({ address }) => address),
    ...decodeCompactEndpoints(peers6, 6, 1000).map(({ address }) => address),
    ...web,
  ].sort();
}
