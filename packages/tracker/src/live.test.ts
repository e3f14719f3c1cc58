import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { test } from "node:test";

import { createNodeRuntime } from "@shoal/runtime/node";

import { createAnnouncer, createTrackerClient, createTrackerServer } from "./index.ts";
import type { TrackerClient, TrackerServer } from "./index.ts";

const infoHash = new Uint8Array(20).fill(7);
const peerId = new Uint8Array(20).fill(1);
const leecher = {
  infoHash,
  peerId,
  port: 6881,
  uploadedBytes: 0,
  downloadedBytes: 0,
  leftBytes: 5,
};

async function withLoopback(
  host: string,
  run: (parts: { server: TrackerServer; client: TrackerClient }) => Promise<void>,
): Promise<void> {
  const runtime = await createNodeRuntime({ logLevel: "error" });
  const server = await createTrackerServer({ ...runtime, host, httpPort: 0, udpPort: 0 });
  const client = createTrackerClient(runtime);
  try {
    await run({ server, client });
  } finally {
    await client.close();
    await server.close();
    await runtime.close();
  }
}

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);

for (const host of hasIpv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"]) {
  const inUrl = host.includes(":") ? `[${host}]` : host;
  test(`over real sockets at ${host}, UDP and HTTP share one swarm`, () =>
    withLoopback(host, async ({ server, client }) => {
      const udp = `udp://${inUrl}:${server.udpEndpoint!.port}/announce`;
      const http = `http://${inUrl}:${server.httpEndpoint!.port}/announce`;
      await client.announce(udp, { ...leecher, event: "started" });
      const answer = await client.announce(http, { ...leecher, port: 6882, leftBytes: 0 });
      assert.deepEqual(answer.peers, [{ address: host, port: 6881 }]);
      assert.equal(answer.externalIp, host);
      await client.announce(udp, { ...leecher, leftBytes: 0, event: "completed" });
      for (const url of [udp, http]) {
        const { entries } = await client.scrape(url, [infoHash]);
        assert.deepEqual(entries, [{ infoHash, seeders: 2, leechers: 0, completed: 1 }]);
      }
      await client.announce(http, { ...leecher, event: "stopped" });
      assert.equal((await server.stats()).peers4 + (await server.stats()).peers6, 1);
    }));
}

test("the README's example runs", async () => {
  const runtime = await createNodeRuntime({ logLevel: "error" });
  const seen: string[] = [];
  const print = (line: string): number => seen.push(line);
  const seeded = Promise.withResolvers<void>();

  // README
  const server = await createTrackerServer({ ...runtime, host: "127.0.0.1", udpPort: 0 });
  const client = createTrackerClient(runtime);
  const url = `udp://127.0.0.1:${server.udpEndpoint!.port}/announce`;

  await client.announce(url, leecher);
  const announcer = createAnnouncer({
    ...runtime,
    client,
    tiers: [[url]],
    infoHashes: [infoHash],
    peerId,
    port: () => 6882,
    stats: () => ({ uploadedBytes: 0, downloadedBytes: 0, leftBytes: 0 }),
    onPeers(peers, { trackerUrl }) {
      print(`${peers.length} peer at ${peers[0]!.address} from ${trackerUrl}`);
      seeded.resolve();
    },
  });
  await seeded.promise;
  await announcer.close();
  await client.close();
  await server.close();
  // end

  assert.deepEqual(seen, [`1 peer at 127.0.0.1 from ${url}`]);
  await runtime.close();
  const source = await readFile(new URL(import.meta.url), "utf8");
  const example = source
    .split("  // README\n")[1]!
    .split("  // end\n")[0]!
    .replaceAll(/^ {2}/gm, "");
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  assert.ok(readme.includes(example), "the README's example differs from this test's");
});
