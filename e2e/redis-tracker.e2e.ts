import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, test } from "node:test";
import {
  encodeWebSocketRequest,
  parseWebSocketResponse,
  type WebSocketTrackerRequest,
  type WebSocketTrackerResponse,
} from "@shoal/protocol";
import { createNodeRuntime } from "@shoal/runtime/node";
import {
  connectRedis,
  createRedisRelay,
  createRedisSwarmState,
  createTrackerServer,
  type TrackerServer,
} from "@shoal/tracker";
import { startRedis } from "../bench/clients/redis.ts";
import { Scope } from "../bench/clients/scope.ts";
import {
  LIFETIME_MS,
  testSwarmState,
} from "../packages/tracker/src/conformance/swarm-state-conformance.ts";
import { needClients, openScope } from "./clients.ts";

/** A cluster's client is asked for by naming two nodes, which here are one. */
const SETUPS = {
  "one server": { cluster: false, urls: (url: string) => [url] },
  "a cluster": { cluster: true, urls: (url: string) => [url, url] },
} as const;

suite("tracker on Redis", await needClients("redis"), () => {
  for (const [name, { cluster, urls }] of Object.entries(SETUPS)) {
    testSwarmState(`Redis, ${name}`, async (body) => {
      const scope = new Scope();
      const runtime = await createNodeRuntime();
      const { clock } = runtime;
      try {
        const link = await connectRedis(urls(await startRedis({ scope, cluster })));
        let passedMs = 0;
        const state = createRedisSwarmState({
          link,
          clock: { ...clock, nowMs: () => clock.nowMs() + passedMs },
          peerLifetimeMs: LIFETIME_MS,
        });
        await body({
          state,
          pass: (ms) => {
            passedMs += ms;
            return Promise.resolve();
          },
        });
        await state.close();
      } finally {
        await runtime.close();
        await scope.close();
      }
    });
  }

  test("Redis: peers of a torrent are bounded", async (t) => {
    const scope = openScope(t);
    const runtime = await createNodeRuntime();
    scope.defer(() => runtime.close());
    const link = await connectRedis([await startRedis({ scope })]);
    const { clock } = runtime;
    const state = createRedisSwarmState({
      link,
      clock,
      peerLifetimeMs: LIFETIME_MS,
      peersPerTorrent: 5,
    });
    for (let n = 0; n < 40; n++) {
      await state.announce({
        infoHash: new Uint8Array(20),
        endpoint: Uint8Array.of(1, 0, 0, n, 1, 1),
        event: undefined,
        leftBytes: n % 2,
        numWant: 0,
        wantsBothFamilies: true,
      });
    }
    const { seeders, leechers } = await state.scrape(new Uint8Array(20));
    assert.equal(seeders + leechers, 5);
    await state.close();
  });

  test("Redis: browsers' peers at two nodes of a tracker exchange offer and answer", async (t) => {
    const scope = openScope(t);
    const url = await startRedis({ scope });
    const [a, b] = [await openNode(scope, url), await openNode(scope, url)];
    const infoHash = new Uint8Array(20).fill(9);
    const offerId = new Uint8Array(20).fill(3);
    const announce = (peer: number): WebSocketTrackerRequest => ({
      action: "announce",
      infoHash,
      peerId: new Uint8Array(20).fill(peer),
      uploadedBytes: 0,
      downloadedBytes: 0,
      leftBytes: 1,
      offers: [{ offerId, offer: { type: "offer", sdp: "v=0" } }],
    });
    const first = await Browser.open(a);
    const second = await Browser.open(b);
    first.say(announce(1));
    await first.hears("announce");
    second.say(announce(2));
    const offered = await first.hears("offer");
    assert.ok(offered.kind === "offer");
    assert.deepEqual(offered.peerId, new Uint8Array(20).fill(2));
    first.say({
      action: "answer",
      infoHash,
      peerId: new Uint8Array(20).fill(1),
      toPeerId: offered.peerId,
      offerId,
      answer: { type: "answer", sdp: "v=0" },
    });
    const answered = await second.hears("answer");
    assert.ok(answered.kind === "answer");
    assert.deepEqual(answered.peerId, new Uint8Array(20).fill(1));
    first.close();
    second.close();
  });

  test("Redis: a server that is not there is named, with what to do", async () => {
    await assert.rejects(connectRedis(["redis://127.0.0.1:1"]), {
      code: "unreachable",
      message: /127\.0\.0\.1:1 does not answer: is it running/,
    });
  });
});

async function openNode(scope: Scope, url: string): Promise<TrackerServer> {
  const runtime = await createNodeRuntime();
  scope.defer(() => runtime.close());
  const link = await connectRedis([url]);
  const { clock, random } = runtime;
  const server = await createTrackerServer({
    ...runtime,
    host: "127.0.0.1",
    httpPort: 0,
    state: createRedisSwarmState({ link, clock, peerLifetimeMs: LIFETIME_MS }),
    relay: await createRedisRelay({ link, random }),
  });
  scope.defer(() => server.close());
  return server;
}

/** A browser's peer, as far as its tracker knows it: Node's own WebSocket is that of browsers. */
class Browser {
  readonly #socket: WebSocket;
  readonly #heard: WebSocketTrackerResponse[] = [];

  static async open(server: TrackerServer): Promise<Browser> {
    const socket = new WebSocket(`ws://127.0.0.1:${server.httpEndpoint!.port}/announce`);
    const browser = new Browser(socket);
    await once(socket, "open");
    return browser;
  }

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.#heard.push(parseWebSocketResponse(data as string));
    });
  }

  say(request: WebSocketTrackerRequest): void {
    this.#socket.send(encodeWebSocketRequest(request));
  }

  async hears(kind: WebSocketTrackerResponse["kind"]): Promise<WebSocketTrackerResponse> {
    for (;;) {
      const found = this.#heard.find((response) => response.kind === kind);
      if (found !== undefined) return found;
      await once(this.#socket, "message");
    }
  }

  close(): void {
    this.#socket.close();
  }
}
