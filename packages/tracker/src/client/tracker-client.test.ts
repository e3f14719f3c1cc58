import assert from "node:assert/strict";
import { test } from "node:test";

import { encodeTrackerFailure } from "@shoal/protocol";
import type { HttpServerResponse } from "@shoal/runtime";
import { withWorld } from "@shoal/runtime/sim";
import type { SimHost, SimWorld } from "@shoal/runtime/sim";

import { createTrackerServer } from "../server/tracker-server.ts";
import { createTrackerClient } from "./tracker-client.ts";
import type { TrackerClient } from "./tracker-client.ts";
import type { UdpTransport } from "./udp-transport.ts";

const TRACKER = "9.0.0.1";
const infoHash = new Uint8Array(20).fill(7);
const request = {
  infoHash,
  peerId: new Uint8Array(20).fill(1),
  port: 6881,
  uploadedBytes: 0,
  downloadedBytes: 0,
  leftBytes: 100,
};

interface Setting {
  readonly world: SimWorld;
  readonly trackerHost: SimHost;
  readonly clientHost: SimHost;
  readonly client: TrackerClient;
}

function withHosts(test: (setting: Setting) => Promise<void>, lossRate = 0): () => Promise<void> {
  return () =>
    withWorld({ seed: 1 }, async (world) => {
      const trackerHost = world.host({ address: [TRACKER, "2001:470::1"], lossRate });
      const clientHost = world.host({ address: ["9.0.0.2", "2001:470::2"] });
      const client = createTrackerClient(clientHost);
      await test({ world, trackerHost, clientHost, client });
      await world.complete(client.close());
    });
}

/** A web server that answers everything in one way. */
async function serve(host: SimHost, answer: HttpServerResponse): Promise<void> {
  await host.http.serve({ port: 80 }, () => answer);
}

const text = (status: number, body: string, headers = {}): HttpServerResponse => ({
  status,
  headers,
  body: new TextEncoder().encode(body),
});

for (const scheme of ["udp", "http"] as const) {
  test(
    `announces by ${scheme} give the other peers, and scrapes their figures`,
    withHosts(async ({ world, trackerHost, client }) => {
      await world.complete(createTrackerServer({ ...trackerHost, httpPort: 6969, udpPort: 6969 }));
      world.name("tracker.example", [TRACKER]);
      const url = `${scheme}://tracker.example:6969/announce`;
      const first = await world.complete(client.announce(url, { ...request, event: "started" }));
      assert.deepEqual(first.peers, []);
      assert.equal(first.intervalS, 1800);
      const seeder = { ...request, port: 6882, leftBytes: 0 };
      const second = await world.complete(client.announce(url, seeder));
      assert.deepEqual(second.peers, [{ address: "9.0.0.2", port: 6881 }]);
      assert.deepEqual([second.seeders, second.leechers], [1, 1]);
      const unknown = new Uint8Array(20).fill(9);
      const scraped = await world.complete(client.scrape(url, [infoHash, unknown]));
      assert.deepEqual(scraped.entries, [
        { infoHash, seeders: 1, leechers: 1, completed: 0 },
        { infoHash: unknown, seeders: 0, leechers: 0, completed: 0 },
      ]);
    }),
  );
}

test(
  "BEP 15: a connection ID serves all announces of one minute",
  withHosts(async ({ world, trackerHost, client }) => {
    const server = await world.complete(createTrackerServer({ ...trackerHost, udpPort: 6969 }));
    const url = `udp://${TRACKER}:6969`;
    const announce = () => client.announce(url, request);
    await world.complete(Promise.all([announce(), announce(), announce()]));
    assert.equal((await world.complete(server.stats())).connects, 1);
    await world.run({ untilMs: 61_000 });
    await world.complete(announce());
    assert.equal((await world.complete(server.stats())).connects, 2);
  }),
);

test(
  "a tracker that has restarted is connected to anew",
  withHosts(async ({ world, trackerHost, client }) => {
    const url = `udp://${TRACKER}:6969`;
    const start = () => createTrackerServer({ ...trackerHost, udpPort: 6969 });
    const server = await world.complete(start());
    await world.complete(client.announce(url, request));
    await world.complete(server.close());
    const restarted = await world.complete(start());
    await world.complete(client.announce(url, request));
    assert.equal((await world.complete(restarted.stats())).connects, 1);
  }),
);

test(
  "a silent UDP tracker is given up after 50 s",
  withHosts(async ({ world, client }) => {
    const announcing = client.announce(`udp://${TRACKER}:6969`, request);
    await assert.rejects(world.complete(announcing), { name: "TrackerError", code: "timeout" });
    assert.equal(Math.round(world.timeMs / 1000), 50);
  }),
);

test(
  "lost datagrams are sent again",
  withHosts(async ({ world, trackerHost, client }) => {
    await world.complete(createTrackerServer({ ...trackerHost, udpPort: 6969 }));
    let answered = 0;
    for (let i = 0; i < 20; i++) {
      const announcing = client.announce(`udp://${TRACKER}:6969`, { ...request, port: 1000 + i });
      const [outcome] = await world.complete(Promise.allSettled([announcing]));
      if (outcome.status === "fulfilled") answered++;
    }
    assert.ok(answered >= 18, `${answered} of 20`);
  }, 0.2),
);

test(
  "an answer from another address than the tracker's does not count",
  withHosts(async ({ world, trackerHost, client }) => {
    const liar = world.host({ address: "9.0.0.66" });
    const liarSocket = await world.complete(liar.net.bindUdp({ port: 6969 }, () => {}));
    const reply = (bytes: Uint8Array) => Uint8Array.of(0, 0, 0, 3, ...bytes.subarray(12, 16), 33);
    await world.complete(
      trackerHost.net.bindUdp({ port: 6969 }, (bytes, from) => liarSocket.send(reply(bytes), from)),
    );
    const announcing = client.announce(`udp://${TRACKER}:6969`, request);
    await assert.rejects(world.complete(announcing), { code: "timeout" });
  }),
);

test(
  "BEP 15: peers of both address families are joined, by a socket that the engine hands in",
  withHosts(async ({ world, trackerHost, clientHost }) => {
    await world.complete(createTrackerServer({ ...trackerHost, udpPort: 6969 }));
    world.name("both.example", [TRACKER, "2001:470::1"]);
    const listeners = new Set<Parameters<UdpTransport["onDatagram"]>[0]>();
    const socket = await world.complete(
      clientHost.net.bindUdp({ port: 6881 }, (bytes, from) => {
        for (const listener of listeners) listener(bytes, from);
      }),
    );
    const udp: UdpTransport = {
      families: [4, 6],
      send: (bytes, to) => socket.send(bytes, to),
      onDatagram(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const client = createTrackerClient({ ...clientHost, udp });
    const url = "udp://both.example:6969/announce";
    await world.complete(client.announce(url, request));
    const { peers } = await world.complete(client.announce(url, { ...request, port: 6882 }));
    assert.deepEqual(
      peers.map(({ address }) => address),
      ["9.0.0.2", "2001:470::2"],
    );
    await world.complete(client.close());
    assert.equal(listeners.size, 0);
  }),
);

test(
  "one address family that is dead holds an announce up by half a second",
  withHosts(async ({ world, trackerHost, clientHost }) => {
    await world.complete(createTrackerServer({ ...trackerHost, host: TRACKER, udpPort: 6969 }));
    world.name("both.example", ["2001:470::9", TRACKER]);
    let receive: Parameters<UdpTransport["onDatagram"]>[0] = () => false;
    const socket = await world.complete(
      clientHost.net.bindUdp({ port: 0 }, (bytes, from) => receive(bytes, from)),
    );
    const udp: UdpTransport = {
      families: [4, 6],
      send: (bytes, to) => socket.send(bytes, to),
      onDatagram(listener) {
        receive = listener;
        return () => {};
      },
    };
    const client = createTrackerClient({ ...clientHost, udp });
    await world.complete(client.announce("udp://both.example:6969", request));
    assert.ok(world.timeMs < 1000, `${world.timeMs} ms`);
    await world.complete(client.close());
  }),
);

test(
  "an announce can be cancelled, and closing the client cancels all",
  withHosts(async ({ world, client }) => {
    const controller = new AbortController();
    const first = client.announce(`udp://${TRACKER}:6969`, request, { signal: controller.signal });
    const second = client.announce(`http://${TRACKER}:6969/announce`, request);
    const third = client.announce(`udp://${TRACKER}:6969`, request);
    const outcomes = Promise.allSettled([first, second, third]);
    controller.abort();
    await world.complete(client.close());
    const results = await world.complete(outcomes);
    assert.ok(world.timeMs < 1000);
    const codes = results.map(
      (result) => result.status === "rejected" && (result.reason as { code: string }).code,
    );
    assert.equal(codes[0], "aborted");
    assert.equal(codes[2], "aborted");
    await assert.rejects(client.announce("udp://x:1", request), { code: "aborted" });
  }),
);

test(
  "BEP 31: a refusal carries the tracker's reason and when to come back",
  withHosts(async ({ world, trackerHost, client }) => {
    const failure = encodeTrackerFailure({ reason: "not registered", retryInMinutes: 5 });
    await world.complete(serve(trackerHost, { status: 403, body: failure }));
    const announcing = client.announce(`http://${TRACKER}/announce`, request);
    await assert.rejects(world.complete(announcing), {
      code: "failure",
      message: "The tracker refused: not registered",
      retryInMinutes: 5,
    });
  }),
);

const strange: readonly (readonly [string, HttpServerResponse])[] = [
  ["a web page", text(200, "<html></html>")],
  ["status 404", text(404, "not here")],
  ["more than 1 MiB", text(200, `1100000:${"x".repeat(1_100_000)}`)],
  ["circles of redirects", text(302, "", { location: "/announce" })],
];
for (const [what, answer] of strange) {
  test(
    `a tracker that answers with ${what} gives a bad response`,
    withHosts(async ({ world, trackerHost, client }) => {
      await world.complete(serve(trackerHost, answer));
      const announcing = client.announce(`http://${TRACKER}/announce`, request);
      await assert.rejects(world.complete(announcing), { code: "bad-response" });
    }),
  );
}

test(
  "UDP datagrams that make no sense give a bad response",
  withHosts(async ({ world, trackerHost, client }) => {
    const socket = await world.complete(
      trackerHost.net.bindUdp({ port: 6969 }, (bytes, from) =>
        socket.send(Uint8Array.of(0, 0, 0, 9, ...bytes.subarray(12, 16)), from),
      ),
    );
    const announcing = client.announce(`udp://${TRACKER}:6969`, request);
    await assert.rejects(world.complete(announcing), { code: "bad-response" });
  }),
);

test(
  "trackers that cannot be reached are told apart",
  withHosts(async ({ world, client }) => {
    const fails = async (url: string, code: string): Promise<void> => {
      await assert.rejects(world.complete(client.announce(url, request)), {
        name: "TrackerError",
        code,
      });
    };
    await fails(`http://${TRACKER}/announce`, "refused");
    await fails("http://nowhere.example/announce", "not-found");
    await fails("udp://nowhere.example:1/announce", "not-found");
    await fails("udp://tracker.example/announce", "bad-url");
    await fails("nonsense", "bad-url");
    await fails("wss://tracker.example/", "unsupported-scheme");
    await fails("udp://[2001:470::1]:6969", "unreachable");
    await fails(`udp://${TRACKER}:6969/${"x".repeat(2000)}`, "bad-url");
    const scraping = client.scrape(`http://${TRACKER}/tracker`, [infoHash]);
    await assert.rejects(world.complete(scraping), { code: "unsupported-scrape" });
    await assert.rejects(client.scrape(`http://${TRACKER}/announce`, []), RangeError);
  }),
);

test(
  "a private address is asked at /announce alone",
  withHosts(async ({ world, client }) => {
    const router = world.host({ address: "192.168.1.1" });
    const server = await world.complete(createTrackerServer({ ...router, httpPort: 80 }));
    world.name("router.example", ["192.168.1.1"]);
    const announce = (path: string) => client.announce(`http://router.example${path}`, request);
    await world.complete(announce("/announce"));
    await assert.rejects(world.complete(announce("/reboot?x=/announce")), {
      code: "forbidden-address",
    });
    assert.equal((await world.complete(server.stats())).announces, 1);
  }),
);

test(
  "a public tracker's redirect into a private network is not followed",
  withHosts(async ({ world, trackerHost, client }) => {
    const router = world.host({ address: "192.168.1.1" });
    const server = await world.complete(createTrackerServer({ ...router, httpPort: 80 }));
    await world.complete(
      serve(trackerHost, text(302, "", { location: "http://192.168.1.1/announce" })),
    );
    const announcing = client.announce(`http://${TRACKER}/announce`, request);
    await assert.rejects(world.complete(announcing), { code: "forbidden-address" });
    assert.equal((await world.complete(server.stats())).announces, 0);
  }),
);
