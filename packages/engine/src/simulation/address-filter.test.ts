import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import type { AddressFilter } from "../swarm/address-filter.ts";
import { endpointOf, sampleTorrent, startNode } from "./swarm-world.ts";
import { serveSample } from "./web-server.ts";

const KIB = 1024;
const SEED = "10.0.1.1";
const OTHER_SEED = "10.0.1.2";
const LEECHER = { address: "10.0.0.2" };

/** A filter whose list the test changes. */
function createFilter(...first: readonly string[]): AddressFilter & {
  set(...addresses: readonly string[]): void;
  readonly listeners: number;
} {
  let blocked = new Set(first);
  const listeners = new Set<() => void>();
  return {
    isBlocked: (address) => blocked.has(address),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(...addresses) {
      blocked = new Set(addresses);
      for (const listener of listeners) listener();
    },
    get listeners() {
      return listeners.size;
    },
  };
}

const sample = sampleTorrent({
  version: "v1",
  pieceLengthBytes: 64 * KIB,
  fileLengths: [4096 * KIB],
});

describe("a session with an address filter", () => {
  it("limit: addresses that the user's filter names: are not connected to, whoever names them", () =>
    withWorld({ seed: 1 }, async (world) => {
      const seed = await startNode(world, { host: { address: SEED }, sample, seed: true });
      const { torrent } = await startNode(world, {
        host: LEECHER,
        sample,
        session: { addressFilter: createFilter(SEED) },
        torrent: { peers: [endpointOf(seed)] },
      });
      torrent.addPeers([endpointOf(seed)], "tracker");
      torrent.addPeers([endpointOf(seed)], "dht");
      await world.run({ untilMs: 30_000 });
      assert.equal(torrent.status().knownAddresses, 0);
      assert.equal(torrent.status().verifiedBytes, 0);
      assert.equal(seed.torrent.peers.length, 0);
    }));

  it("lets no filtered peer in", () =>
    withWorld({ seed: 2 }, async (world) => {
      const seed = await startNode(world, {
        host: { address: SEED },
        sample,
        seed: true,
        session: { addressFilter: createFilter(LEECHER.address) },
      });
      const leecher = await startNode(world, {
        host: LEECHER,
        sample,
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.run({ untilMs: 30_000 });
      assert.equal(leecher.torrent.status().verifiedBytes, 0);
      assert.equal(seed.torrent.status().uploadedBytes, 0);
    }));

  it("takes no filtered peer from another peer (BEP 11)", () =>
    withWorld({ seed: 3 }, async (world) => {
      const slow = { upBytesPerSecond: 8 * KIB };
      const far = await startNode(world, { host: { address: SEED, ...slow }, sample, seed: true });
      const near = await startNode(world, {
        host: { address: OTHER_SEED, ...slow },
        sample,
        seed: true,
        torrent: { peers: [endpointOf(far)] },
      });
      const { torrent } = await startNode(world, {
        host: LEECHER,
        sample,
        session: { addressFilter: createFilter(SEED) },
        torrent: { peers: [endpointOf(near)] },
      });
      await world.run({ untilMs: 180_000 });
      assert.deepEqual(
        torrent.peers.map(({ remote }) => remote.address),
        [OTHER_SEED],
      );
    }));

  it("lets go of peers that are filtered from now on, and takes them again once they are not", () =>
    withWorld({ seed: 4 }, async (world) => {
      const host = { address: SEED, upBytesPerSecond: 64 * KIB };
      const seed = await startNode(world, { host, sample, seed: true });
      const filter = createFilter();
      const { torrent, session } = await startNode(world, {
        host: LEECHER,
        sample,
        session: { addressFilter: filter },
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.run({ untilMs: 10_000 });
      assert.equal(torrent.peers.length, 1);
      filter.set(SEED);
      await world.run({ untilMs: 10_100 });
      assert.equal(torrent.peers.length, 0);
      assert.equal(torrent.status().knownAddresses, 0);
      filter.set();
      torrent.addPeers([endpointOf(seed)]);
      await world.complete(torrent.whenComplete());
      await world.complete(session.close());
      assert.equal(filter.listeners, 0);
    }));

  it("does not ask a web seed at a filtered address", () =>
    withWorld({ seed: 5 }, async (world) => {
      const server = world.host({ address: SEED });
      const { requests } = await world.complete(serveSample(server, sample));
      const { torrent } = await startNode(world, {
        host: LEECHER,
        sample,
        session: { addressFilter: createFilter(SEED) },
        torrent: { webSeeds: [`http://${SEED}/sample`] },
      });
      await world.run({ untilMs: 30_000 });
      assert.deepEqual(requests, []);
      assert.match(torrent.webSeeds()[0]?.error ?? "", /filtered/);
    }));
});
