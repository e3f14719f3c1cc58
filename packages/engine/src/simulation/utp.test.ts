import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import type { UtpMode } from "../transport/peer-transport.ts";
import { endpointOf, holdsContent, sampleTorrent, startNode } from "./swarm-world.ts";

const sample = sampleTorrent({ version: "v1", pieceLengthBytes: 32_768, fileLengths: [500_000] });

interface Pair {
  readonly seed: UtpMode;
  readonly leech: UtpMode;
  /** `203.0.113.x` are addresses of the internet, as `10.x` are not. */
  readonly network: string;
  readonly lossRate?: number;
}

/** Downloads from one seed. Resolves with the bytes that came over TCP and the datagrams that arrived. */
async function download({ seed, leech, network, lossRate = 0 }: Pair) {
  return await withWorld({}, async (world) => {
    const options = { latencyMs: 10, lossRate, upBytesPerSecond: 2_000_000 };
    const seeder = await startNode(world, {
      host: { address: `${network}.1`, ...options },
      sample,
      seed: true,
      session: { utp: seed },
    });
    const leecher = await startNode(world, {
      host: { address: `${network}.2`, ...options },
      sample,
      session: { utp: leech },
      torrent: { peers: [endpointOf(seeder)] },
    });
    await world.complete(leecher.torrent.whenComplete(), 120_000);
    assert.ok(holdsContent(leecher.host, sample));
    const counters = { ...world.counters };
    await world.complete(Promise.all([seeder.session.close(), leecher.session.close()]));
    return { datagrams: counters.datagramsDelivered, overTcp: counters.bytesDelivered };
  });
}

suite("swarms over uTP", () => {
  test("BEP 29: a torrent is exchanged over uTP alone, also where packets are lost", async () => {
    for (const lossRate of [0, 0.02]) {
      const pair = { seed: "only", leech: "only", network: "10.0.0", lossRate } as const;
      const { datagrams, overTcp } = await download(pair);
      assert.ok(datagrams > 300);
      assert.equal(overTcp, 0);
    }
  });

  test("across the internet uTP comes first", async () => {
    const { overTcp } = await download({ seed: "prefer", leech: "prefer", network: "198.41.0" });
    assert.equal(overTcp, 0);
  });

  test("in the local network TCP comes first", async () => {
    const { overTcp } = await download({ seed: "prefer", leech: "prefer", network: "10.0.0" });
    assert.ok(overTcp > 500_000);
  });

  test("whoever speaks but one of the two is reached by the other", async () => {
    for (const network of ["10.0.0", "198.41.0"]) {
      for (const mode of ["only", "off"] as const) {
        await download({ seed: mode, leech: "prefer", network });
        await download({ seed: "prefer", leech: mode, network });
      }
    }
  });

  test("TCP and UDP have the same port, and TCP goes alone where UDP has none", async () => {
    await withWorld({}, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      await host.net.bindUdp({ port: 6881 }, () => {});
      const alone = await startNode(world, { host, sample });
      assert.equal(alone.session.port, 6881);
      assert.equal(alone.session.udp, null);
      const other = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        session: { port: 0 },
      });
      assert.equal(other.session.udp?.local.port, other.session.port);
      await world.complete(Promise.all([alone.session.close(), other.session.close()]));
      // Everything was given back.
      await world.complete(other.host.net.bindUdp({ port: other.session.port }, () => {}));
    });
  });
});
