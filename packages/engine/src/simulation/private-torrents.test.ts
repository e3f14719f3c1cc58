import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeExtended, encodeExtensionHandshake, encodePex, formatMagnet } from "@shoal/protocol";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { createTrackerServer, type TrackerServer } from "@shoal/tracker";
import { dialScripted } from "./scripted-peer.ts";
import {
  endpointOf,
  holdsContent,
  type Node,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "./swarm-world.ts";

const KIB = 1024;

const startTracker = (world: SimWorld, address: string): Promise<TrackerServer> => {
  const { net, http, clock, random } = world.host({ address });
  return world.complete(
    createTrackerServer({ net, http, clock, random, httpPort: 80, intervalS: 60 }),
  );
};

const createSample = (trackers: readonly string[], isPrivate = true): SampleTorrent =>
  sampleTorrent({
    version: "v1",
    pieceLengthBytes: 64 * KIB,
    fileLengths: [2048 * KIB],
    details: { isPrivate, trackers: trackers.map((address) => [`http://${address}/announce`]) },
  });

const magnetOf = (sample: SampleTorrent, peers: readonly Node[], trackers: readonly string[]) =>
  formatMagnet({
    infoHashV1: sample.metainfo.v1!.infoHash,
    infoHashV2: null,
    trackers: trackers.map((address) => `http://${address}/announce`),
    peers: peers.map((node) => ({ host: node.host.address, port: node.session.port })),
  });

describe("BEP 27: a private torrent", () => {
  it("takes peers from its tracker and its user, and offers no exchange", () =>
    withWorld({ seed: 51 }, async (world) => {
      const sample = createSample(["9.0.0.1"]);
      const tracker = await startTracker(world, "9.0.0.1");
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", upBytesPerSecond: 50_000 },
        sample,
        seed: true,
      });
      await world.run({ untilMs: world.timeMs + 1000 });
      const leecher = await startNode(world, { host: { address: "10.0.0.2" }, sample });
      const liar = await world.complete(
        dialScripted(world.host({ address: "10.0.0.3" }), endpointOf(leecher), {
          infoHash: sample.metainfo.v1!.infoHash,
          onOpen: (self) => {
            const hello = encodeExtensionHandshake({ extensions: { ut_pex: 1 }, listenPort: 1 });
            const added = [{ address: "10.0.0.9", port: 6881, flags: 0 }];
            self.send(encodeExtended(0, hello));
            for (let id = 1; id < 5; id++) {
              self.send(encodeExtended(id, encodePex({ added, dropped: [] })));
            }
          },
        }),
      );
      await world.run({ untilMs: world.timeMs + 5000 });
      const sources = leecher.torrent.peers.map(({ source }) => source);
      assert.ok(sources.includes("tracker"), sources.join(" "));
      for (const { payload } of liar.heardOf("extended")) {
        assert.ok(!Buffer.from(payload).includes("ut_pex"));
      }
      leecher.torrent.addPeers([{ address: "10.0.0.8", port: 1 }], "pex");
      leecher.torrent.addPeers([{ address: "10.0.0.7", port: 1 }], "dht");
      const { knownAddresses } = leecher.torrent.status();
      leecher.torrent.addPeers([{ address: "10.0.0.6", port: 1 }], "user");
      assert.equal(leecher.torrent.status().knownAddresses, knownAddresses + 1);
      assert.ok(knownAddresses <= 2, `${knownAddresses} addresses are known`);
      await world.complete(leecher.torrent.whenComplete(), 120_000);
      await world.complete(Promise.all([seed.session.close(), leecher.session.close()]));
      await world.complete(tracker.close());
    }));

  it("behind a magnet link lets go of the peers that the link named, once it is known", () =>
    withWorld({ seed: 52 }, async (world) => {
      const sample = createSample(["9.0.0.1"]);
      const tracker = await startTracker(world, "9.0.0.1");
      const host = (n: number) => ({ address: `10.0.0.${n}`, upBytesPerSecond: 100_000 });
      const named = await startNode(world, { host: host(1), sample, seed: true });
      await world.run({ untilMs: world.timeMs + 1000 });
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        source: magnetOf(sample, [named], []),
      });
      await world.complete(leecher.torrent.whenReady());
      await world.run({ untilMs: world.timeMs + 20_000 });
      assert.deepEqual(
        leecher.torrent.peers.filter(({ incoming }) => !incoming),
        [],
      );
      assert.equal(leecher.torrent.status().verifiedPieces, 0);
      leecher.torrent.addTracker("http://9.0.0.1/announce");
      await world.complete(leecher.torrent.whenComplete(), 300_000);
      assert.ok(holdsContent(leecher.host, sample));
      await world.complete(Promise.all([named.session.close(), leecher.session.close()]));
      await world.complete(tracker.close());
    }));

  it("announces to one tracker at a time, and with another tracker changes its peers", () =>
    withWorld({ seed: 53 }, async (world) => {
      const sample = createSample(["9.0.0.1", "9.0.0.2"]);
      const trackers = [await startTracker(world, "9.0.0.1"), await startTracker(world, "9.0.0.2")];
      const slow = { upBytesPerSecond: 5000 };
      const nodes: Node[] = [];
      for (const [index, seedTracker] of ["9.0.0.1", "9.0.0.2"].entries()) {
        nodes.push(
          await startNode(world, {
            host: { address: `10.0.0.${index + 1}`, ...slow },
            sample: { ...sample, bytes: createSample([seedTracker]).bytes },
            seed: true,
          }),
        );
      }
      await world.run({ untilMs: world.timeMs + 2000 });
      const leecher = await startNode(world, { host: { address: "10.0.0.9" }, sample });
      await world.run({ untilMs: world.timeMs + 5000 });
      const peers = (): string[] =>
        leecher.torrent.peers.filter((peer) => !peer.incoming).map(({ remote }) => remote.address);
      assert.deepEqual(peers(), ["10.0.0.1"]);
      await world.complete(trackers[0]!.close());
      await world.run({ untilMs: world.timeMs + 180_000 });
      assert.deepEqual(peers(), ["10.0.0.2"]);
      await world.complete(Promise.all([...nodes, leecher].map((node) => node.session.close())));
      await world.complete(trackers[1]!.close());
    }));
});
