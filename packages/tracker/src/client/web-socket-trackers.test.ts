import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type AnnounceEvent,
  encodeWebSocketResponse,
  parseWebSocketRequest,
  type SessionDescription,
  type WebSocketOffer,
  type WebSocketTrackerRequest,
} from "@shoal/protocol";
import type { WebSocketConnection } from "@shoal/runtime";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import { createTrackerServer } from "../server/tracker-server.ts";
import { createTrackerClient, type TrackerClient } from "./tracker-client.ts";
import type { WebPeers } from "./web-peers.ts";

const URL = "ws://9.0.0.1:8000/announce";

/** Peers whose descriptions are words, and who write down what happens to them. */
class ScriptedPeers implements WebPeers {
  readonly heard: string[] = [];
  isThere = true;
  readonly #name: string;
  #made = 0;
  constructor(name: string) {
    this.#name = name;
  }
  isAvailable(): Promise<boolean> {
    return Promise.resolve(this.isThere);
  }
  createOffers(_infoHash: Uint8Array, count: number): Promise<readonly WebSocketOffer[]> {
    return Promise.resolve(
      Array.from({ length: Math.min(count, 2) }, () => ({
        offerId: new Uint8Array(20).fill(++this.#made),
        offer: { type: "offer", sdp: `${this.#name} ${this.#made}` } as const,
      })),
    );
  }
  answer(_infoHash: Uint8Array, { sdp }: SessionDescription): Promise<SessionDescription | null> {
    this.heard.push(`offered ${sdp}`);
    return Promise.resolve({ type: "answer", sdp: `${this.#name} takes ${sdp}` });
  }
  accept(_infoHash: Uint8Array, offerId: Uint8Array, { sdp }: SessionDescription): void {
    this.heard.push(`answered ${offerId[0]}: ${sdp}`);
  }
}

interface Member {
  readonly client: TrackerClient;
  readonly peers: ScriptedPeers;
  announce(leftBytes: number, event?: AnnounceEvent, torrent?: number): Promise<unknown>;
}

function join(host: SimHost, name: string): Member {
  const peers = new ScriptedPeers(name);
  const client = createTrackerClient({ ...host, webPeers: peers });
  return {
    client,
    peers,
    announce: (leftBytes, event, torrent = 7) =>
      client.announce(URL, {
        infoHash: new Uint8Array(20).fill(torrent),
        peerId: Buffer.from(name.padEnd(20)),
        port: 1,
        uploadedBytes: 0,
        downloadedBytes: 0,
        leftBytes,
        ...(event !== undefined && { event }),
      }),
  };
}

/** A tracker that answers announces and notes what it was sent. */
async function serve(host: SimHost, answers = true) {
  const requests: WebSocketTrackerRequest[] = [];
  const connections: WebSocketConnection[] = [];
  let open = 0;
  await host.http.serve(
    { port: 8000 },
    () => ({ status: 404, body: new Uint8Array() }),
    () => (connection) => {
      connections.push(connection);
      open++;
      connection.receive({
        message(text) {
          const request = parseWebSocketRequest(text);
          requests.push(request);
          if (!answers || request.action !== "announce") return;
          const { infoHash } = request;
          connection.send(
            encodeWebSocketResponse({
              ...{ kind: "announce", infoHash, intervalS: 60, seeders: 1, leechers: 2 },
            }),
          );
        },
        closed: () => open--,
      });
    },
  );
  return { requests, connections, open: () => open };
}

function withTracker(
  body: (parts: { world: SimWorld; trackerHost: SimHost; hosts: SimHost[] }) => Promise<void>,
): () => Promise<void> {
  return () =>
    withWorld({ seed: 1 }, async (world) => {
      const trackerHost = world.host({ address: "9.0.0.1" });
      const hosts = ["9.0.0.2", "9.0.0.3"].map((address) => world.host({ address }));
      await body({ world, trackerHost, hosts });
    });
}

const pass = async (world: SimWorld, forMs: number): Promise<void> => {
  await world.run({ untilMs: world.timeMs + forMs });
};

suite("WebSocket trackers, as a client", () => {
  test(
    "offers go to the others of the swarm, and their answers come back",
    withTracker(async ({ world, trackerHost, hosts }) => {
      await world.complete(createTrackerServer({ ...trackerHost, httpPort: 8000 }));
      const [a, b] = [join(hosts[0]!, "a"), join(hosts[1]!, "b")];
      await world.complete(a.announce(0, "started"));
      const answer = await world.complete(b.announce(100, "started"));
      assert.partialDeepStrictEqual(answer, { seeders: 1, peers: [] });
      await pass(world, 1000);
      assert.deepEqual(a.peers.heard, ["offered b 1"]);
      assert.deepEqual(b.peers.heard, ["answered 1: a takes b 1"]);
      await world.complete(Promise.all([a.client.close(), b.client.close()]));
      await pass(world, 1000);
    }),
  );

  test(
    "torrents share one connection, which the last goodbye closes",
    withTracker(async ({ world, trackerHost, hosts }) => {
      const tracker = await world.complete(serve(trackerHost));
      const a = join(hosts[0]!, "a");
      await world.complete(
        Promise.all([1, 2, 3].map((torrent) => a.announce(1, "started", torrent))),
      );
      assert.equal(tracker.connections.length, 1);
      for (const torrent of [1, 2]) await world.complete(a.announce(1, "stopped", torrent));
      await pass(world, 1000);
      assert.equal(tracker.open(), 1);
      await world.complete(a.announce(1, "stopped", 3));
      await pass(world, 1000);
      assert.equal(tracker.open(), 0);
      await world.complete(a.client.close());
    }),
  );

  test(
    "a lost connection is opened again, and its torrents announced anew",
    withTracker(async ({ world, trackerHost, hosts }) => {
      const tracker = await world.complete(serve(trackerHost));
      const a = join(hosts[0]!, "a");
      await world.complete(a.announce(5, "started"));
      tracker.connections[0]!.destroy();
      await pass(world, 10_000);
      assert.equal(tracker.connections.length, 2);
      assert.equal(tracker.requests.length, 2);
      await world.complete(a.client.close());
      await pass(world, 1000);
    }),
  );

  test(
    "a tracker that says nothing, or closes, fails the announce",
    withTracker(async ({ world, trackerHost, hosts }) => {
      const tracker = await world.complete(serve(trackerHost, false));
      const a = join(hosts[0]!, "a");
      await assert.rejects(world.complete(a.announce(5)), { code: "timeout" });
      const second = a.announce(5);
      second.catch(() => {});
      await pass(world, 1000);
      tracker.connections[0]!.destroy();
      await assert.rejects(world.complete(second), { code: "unreachable" });
      await world.complete(a.client.close());
      await pass(world, 1000);
    }),
  );

  test(
    "a refusal, and words that make no sense, are told to whoever waits",
    withTracker(async ({ world, trackerHost, hosts }) => {
      const tracker = await world.complete(serve(trackerHost, false));
      const a = join(hosts[0]!, "a");
      for (const [text, code] of [
        [encodeWebSocketResponse({ kind: "failure", reason: "no" }), "failure"],
        ["[]", "bad-response"],
      ] as const) {
        const announce = a.announce(5);
        announce.catch(() => {});
        await pass(world, 1000);
        tracker.connections[0]!.send(text);
        await assert.rejects(world.complete(announce), { code });
      }
      await world.complete(a.client.close());
      await pass(world, 1000);
    }),
  );

  test(
    "private addresses are asked at /announce alone, and nobody without WebRTC",
    withTracker(async ({ world, hosts }) => {
      const a = join(hosts[0]!, "a");
      const request = {
        ...{ infoHash: new Uint8Array(20), peerId: new Uint8Array(20), port: 1 },
        ...{ uploadedBytes: 0, downloadedBytes: 0, leftBytes: 1 },
      };
      const asked = a.client.announce("ws://192.168.1.1/admin", request);
      await assert.rejects(world.complete(asked), { code: "forbidden-address" });
      a.peers.isThere = false;
      await assert.rejects(world.complete(a.announce(5)), { code: "unsupported-scheme" });
      await world.complete(a.client.close());
    }),
  );
});
