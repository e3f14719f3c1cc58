import assert from "node:assert/strict";
import { test } from "node:test";

import {
  buildAnnounceUrl,
  decodeUdpResponse,
  encodeUdpAnnounceRequest,
  encodeUdpConnectRequest,
  encodeUdpScrapeRequest,
  parseAnnounceResponse,
} from "@shoal/protocol";
import type { UdpTrackerResponse } from "@shoal/protocol";
import { withWorld } from "@shoal/runtime/sim";
import type { SimHost, SimWorld } from "@shoal/runtime/sim";

import { createMemorySwarmState } from "./memory-swarm-state.ts";
import { createTrackerServer } from "./tracker-server.ts";
import type { TrackerServer, TrackerServerOptions } from "./tracker-server.ts";

const SERVER = "9.0.0.1";
const infoHash = new Uint8Array(20).fill(7);
const announce = {
  transactionId: 5,
  infoHash,
  peerId: new Uint8Array(20),
  port: 6881,
  uploadedBytes: 0,
  downloadedBytes: 0,
  leftBytes: 1,
};

interface Setting {
  readonly world: SimWorld;
  readonly server: TrackerServer;
  readonly client: SimHost;
  /** Sends a datagram and gives the answer, or null when none comes within a second. */
  exchange(bytes: Uint8Array): Promise<UdpTrackerResponse | null>;
  get(target: string): Promise<{ status: number; body: Buffer }>;
}

function withServer(
  test: (setting: Setting) => Promise<void>,
  options: (host: SimHost) => Partial<TrackerServerOptions> = () => ({}),
): () => Promise<void> {
  return () =>
    withWorld({ seed: 1 }, async (world) => {
      const host = world.host({ address: SERVER });
      const client = world.host({ address: "9.0.0.2" });
      const server = await world.complete(
        createTrackerServer({ ...host, httpPort: 80, udpPort: 80, ...options(host) }),
      );
      let received: UdpTrackerResponse | null = null;
      const socket = await world.complete(
        client.net.bindUdp({ port: 0 }, (bytes) => {
          received = decodeUdpResponse(bytes, 4);
        }),
      );
      await test({
        world,
        server,
        client,
        async exchange(bytes) {
          received = null;
          socket.send(bytes, { address: SERVER, port: 80 });
          await world.run({ untilMs: world.timeMs + 1000 });
          return received;
        },
        async get(target) {
          const response = await world.complete(
            client.http.request({ url: `http://${SERVER}${target}` }),
          );
          const parts = await world.complete(
            Array.fromAsync(response.body, (part) => Buffer.from(part)),
          );
          return { status: response.status, body: Buffer.concat(parts) };
        },
      });
      await world.complete(server.close());
    });
}

const connect = async (setting: Setting): Promise<bigint> => {
  const answer = await setting.exchange(encodeUdpConnectRequest(1));
  assert.ok(answer?.action === "connect");
  return answer.connectionId;
};

test(
  "BEP 15: nobody announces or scrapes without a connection, and no refusal is longer than the request",
  withServer(async (setting) => {
    const wrong = { ...announce, connectionId: 1n };
    assert.equal((await setting.exchange(encodeUdpAnnounceRequest(wrong)))?.action, "error");
    const scrape = { transactionId: 1, connectionId: 1n, infoHashes: [infoHash] };
    assert.equal((await setting.exchange(encodeUdpScrapeRequest(scrape)))?.action, "error");
    assert.equal((await setting.server.stats()).torrents, 0);
    const connectionId = await connect(setting);
    const answer = await setting.exchange(encodeUdpAnnounceRequest({ ...announce, connectionId }));
    assert.ok(answer?.action === "announce");
    assert.equal(answer.transactionId, 5);
    assert.equal((await setting.server.stats()).torrents, 1);
  }),
);

test(
  "datagrams that are no requests get no answer",
  withServer(async (setting) => {
    assert.equal(await setting.exchange(new Uint8Array(3)), null);
    assert.equal(await setting.exchange(new Uint8Array(100).fill(0xff)), null);
    assert.equal(await setting.exchange(encodeUdpConnectRequest(1).with(0, 9)), null);
    assert.equal((await setting.server.stats()).refused, 3);
  }),
);

test(
  "a port of 0 is refused",
  withServer(async (setting) => {
    const connectionId = await connect(setting);
    const request = encodeUdpAnnounceRequest({ ...announce, connectionId, port: 0 });
    assert.equal((await setting.exchange(request))?.action, "error");
  }),
);

test(
  "BEP 3: HTTP announces by the address that they come from, whatever the query says",
  withServer(async (setting) => {
    const { pathname, search } = new URL(
      buildAnnounceUrl(`http://${SERVER}/announce?ip=6.6.6.6`, announce),
    );
    await setting.get(pathname + search);
    const other = new URL(buildAnnounceUrl(`http://${SERVER}/announce`, { ...announce, port: 2 }));
    const { body } = await setting.get(
      other.pathname + other.search.replace("compact=1", "compact=0"),
    );
    const answer = parseAnnounceResponse(body);
    assert.ok(answer.kind === "announce");
    assert.deepEqual(answer.peers, [{ address: "9.0.0.2", port: 6881 }]);
    assert.equal(answer.externalIp, "9.0.0.2");
    assert.match(body.toString("latin1"), /5:peersld2:ip7:9\.0\.0\.24:porti6881eee/);
  }),
);

test(
  "a query that cannot be read is told why, in a way that clients show",
  withServer(async (setting) => {
    for (const target of [
      "/announce",
      "/announce?info_hash=%zz",
      "/scrape",
      "/scrape?info_hash=a",
    ]) {
      const { status, body } = await setting.get(target);
      assert.equal(status, 200);
      assert.equal(parseAnnounceResponse(body).kind, "failure", target);
    }
  }),
);

test(
  "/stats counts, and other paths say what this is",
  withServer(async (setting) => {
    await connect(setting);
    await setting.get("/scrape");
    const { body } = await setting.get("/stats");
    assert.deepEqual(JSON.parse(body.toString()), {
      torrents: 0,
      peers4: 0,
      peers6: 0,
      peersWeb: 0,
      connects: 1,
      announces: 0,
      scrapes: 1,
      refused: 1,
      relayed: 0,
    });
    const elsewhere = await setting.get("/");
    assert.equal(elsewhere.status, 404);
    assert.match(elsewhere.body.toString(), /BitTorrent tracker/);
  }),
);

test(
  "a state behind promises serves as one in memory does",
  withServer(
    async (setting) => {
      const connectionId = await connect(setting);
      const request = encodeUdpAnnounceRequest({ ...announce, connectionId });
      assert.equal((await setting.exchange(request))?.action, "announce");
      const { pathname, search } = new URL(
        buildAnnounceUrl(`http://${SERVER}/announce`, { ...announce, port: 2 }),
      );
      const answer = parseAnnounceResponse((await setting.get(pathname + search)).body);
      assert.ok(answer.kind === "announce");
      assert.equal(answer.peers.length, 1);
    },
    ({ clock, random }) => {
      const memory = createMemorySwarmState({ clock, random, peerLifetimeMs: 60_000 });
      return {
        state: {
          announce: async (peer) => memory.announce({ ...peer, endpoint: peer.endpoint.slice() }),
          scrape: async (infoHash) => memory.scrape(infoHash),
          stats: async () => memory.stats(),
          close: () => memory.close(),
        },
      };
    },
  ),
);

test("a port that is taken is an error, and what was opened before is closed", () =>
  withWorld({ seed: 1 }, async (world) => {
    const host = world.host({ address: SERVER });
    await world.complete(host.net.bindUdp({ port: 80 }, () => {}));
    const starting = createTrackerServer({ ...host, httpPort: 80, udpPort: 80 });
    await assert.rejects(world.complete(starting), { code: "address-in-use" });
    const again = await world.complete(createTrackerServer({ ...host, httpPort: 80 }));
    assert.equal(again.udpEndpoint, null);
    await world.complete(again.close());
  }));
