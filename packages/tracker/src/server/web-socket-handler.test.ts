import assert from "node:assert/strict";
import { test } from "node:test";
import {
  encodeWebSocketRequest,
  parseWebSocketResponse,
  type WebSocketAnnounce,
  type WebSocketTrackerRequest,
  type WebSocketTrackerResponse,
} from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import type { SimWorld } from "@shoal/runtime/sim";
import { createTrackerServer, type TrackerServer } from "./tracker-server.ts";

const SERVER = "9.0.0.1";
const infoHash = new Uint8Array(20).fill(0xee);
const idOf = (n: number): Uint8Array => new Uint8Array(20).fill(n);
const offer = { type: "offer", sdp: "v=0" } as const;
const answer = { type: "answer", sdp: "v=0" } as const;

function announceOf(n: number, more: Partial<WebSocketAnnounce> = {}): WebSocketAnnounce {
  return {
    action: "announce",
    infoHash,
    peerId: idOf(n),
    uploadedBytes: 0,
    downloadedBytes: 0,
    leftBytes: 1,
    offers: Array.from({ length: 5 }, (_, index) => ({ offerId: idOf(100 + index), offer })),
    ...more,
  };
}

interface Browser {
  send(text: string): void;
  say(request: WebSocketTrackerRequest | string): Promise<void>;
  heard: WebSocketTrackerResponse[];
  isClosed(): boolean;
  close(): Promise<void>;
}

function withTracker(
  run: (setting: {
    world: SimWorld;
    server: TrackerServer;
    browser: (address: string) => Promise<Browser>;
  }) => Promise<void>,
): () => Promise<void> {
  return () =>
    withWorld({ seed: 1 }, async (world) => {
      const host = world.host({ address: SERVER });
      const server = await world.complete(createTrackerServer({ ...host, httpPort: 80 }));
      const hosts = new Map<string, ReturnType<SimWorld["host"]>>();
      const settle = () => world.run({ untilMs: world.timeMs + 500 });
      await run({
        world,
        server,
        async browser(address) {
          const here = hosts.get(address) ?? world.host({ address });
          hosts.set(address, here);
          const url = `ws://${SERVER}/announce`;
          const connection = await world.complete(here.http.openWebSocket({ url }));
          const heard: WebSocketTrackerResponse[] = [];
          let closed = false;
          connection.receive({
            message: (text) => heard.push(parseWebSocketResponse(text)),
            closed: () => (closed = true),
          });
          return {
            heard,
            isClosed: () => closed,
            send: (text) => connection.send(text),
            async say(request) {
              connection.send(
                typeof request === "string" ? request : encodeWebSocketRequest(request),
              );
              await settle();
            },
            async close() {
              connection.destroy();
              await settle();
            },
          };
        },
      });
      await world.complete(server.close());
    });
}

test(
  "WebSocket tracker: offers reach other peers of the swarm, and answers come back",
  withTracker(async ({ browser, server }) => {
    const a = await browser("9.0.0.2");
    const b = await browser("9.0.0.3");
    await a.say(announceOf(1, { event: "started", leftBytes: 0 }));
    assert.deepEqual(a.heard, [
      { kind: "announce", infoHash, intervalS: 120, seeders: 1, leechers: 0 },
    ]);
    await b.say(announceOf(2));
    const [heard] = a.heard.slice(1);
    assert.deepEqual(heard, {
      kind: "offer",
      infoHash,
      peerId: idOf(2),
      offerId: idOf(100),
      offer,
    });
    await a.say({
      action: "answer",
      infoHash,
      peerId: idOf(1),
      toPeerId: idOf(2),
      offerId: idOf(100),
      answer,
    });
    assert.deepEqual(b.heard.at(-1), {
      kind: "answer",
      infoHash,
      peerId: idOf(1),
      offerId: idOf(100),
      answer,
    });
    const { peersWeb, relayed } = await server.stats();
    assert.deepEqual([peersWeb, relayed], [2, 2]);
  }),
);

test(
  "WebSocket tracker: a peer that closes its tab is gone from its swarms",
  withTracker(async ({ browser, server }) => {
    const a = await browser("9.0.0.2");
    await a.say(announceOf(1));
    await a.say(announceOf(1, { infoHash: idOf(9) }));
    assert.equal((await server.stats()).peersWeb, 2);
    await a.close();
    assert.equal((await server.stats()).peersWeb, 0);
  }),
);

test(
  "WebSocket tracker: one connection is one peer of a swarm, and its ID is its own",
  withTracker(async ({ browser, server }) => {
    const a = await browser("9.0.0.2");
    for (let n = 1; n <= 20; n++) await a.say(announceOf(n));
    assert.equal((await server.stats()).peersWeb, 1);
    assert.equal(a.heard.filter(({ kind }) => kind === "failure").length, 12);
    const thief = await browser("9.0.0.3");
    await thief.say(announceOf(8));
    assert.equal(thief.heard.at(-1)?.kind, "failure");
    const again = await browser("9.0.0.2");
    await again.say(announceOf(8));
    assert.equal(again.heard.at(-1)?.kind, "announce");
  }),
);

test(
  "WebSocket tracker: scrapes count peers of every kind, and what is broken is told",
  withTracker(async ({ browser }) => {
    const a = await browser("9.0.0.2");
    await a.say(announceOf(1, { leftBytes: 0 }));
    await a.say({ action: "scrape", infoHashes: [infoHash] });
    assert.deepEqual(a.heard.at(-1), {
      kind: "scrape",
      entries: [{ infoHash, seeders: 1, leechers: 0, completed: 0 }],
    });
    for (const text of ["", "{}", "[]", "\u0000"]) {
      await a.say(text);
      assert.equal(a.heard.at(-1)?.kind, "failure");
    }
    assert.equal(a.isClosed(), false);
  }),
);

test(
  "WebSocket tracker: a flood of messages ends the connection",
  withTracker(async ({ browser, world }) => {
    const a = await browser("9.0.0.2");
    for (let n = 0; n <= 200; n++) a.send("{}");
    await world.run({ untilMs: world.timeMs + 1000 });
    assert.equal(a.isClosed(), true);
  }),
);

test(
  "WebSocket tracker: connections of one address are bounded",
  withTracker(async ({ browser }) => {
    for (let n = 0; n < 64; n++) await browser("9.0.0.2");
    await assert.rejects(browser("9.0.0.2"), { code: "bad-response" });
    await browser("9.0.0.3");
  }),
);
