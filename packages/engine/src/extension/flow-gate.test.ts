import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import type { PeerView } from "../peer/peer-view.ts";
import { endpointOf, sampleTorrent, startNode } from "../simulation/swarm-world.ts";
import { type FlowGate, openGate } from "./flow-gate.ts";

const KIB = 1024;
const BLOCK = 16 * KIB;

function createSample() {
  return sampleTorrent({
    version: "v1",
    pieceLengthBytes: 64 * KIB,
    fileLengths: [1000 * KIB + 5],
  });
}

describe("a flow gate", () => {
  it("hears of every block once: sent, received, found good", () =>
    withWorld({ seed: 81 }, async (world) => {
      const sample = createSample();
      const heard = { sent: 0, received: 0, good: 0, bad: 0 };
      const seedGate: FlowGate = {
        ...openGate,
        blockSent: (_peer, _piece, _begin, lengthBytes) => void (heard.sent += lengthBytes),
      };
      const leecherGate: FlowGate = {
        ...openGate,
        blockReceived: (_peer, _piece, _begin, lengthBytes) => void (heard.received += lengthBytes),
        blockVerified(_peer, _piece, _begin, lengthBytes, ok) {
          heard[ok ? "good" : "bad"] += lengthBytes;
        },
      };
      const seed = await startNode(world, {
        host: { address: "10.0.0.1" },
        sample,
        seed: true,
        session: { flowGate: seedGate },
      });
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        session: { flowGate: leecherGate },
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.complete(leecher.torrent.whenComplete());
      const { lengthBytes } = sample.metainfo;
      assert.deepEqual(heard, {
        sent: lengthBytes,
        received: lengthBytes,
        good: lengthBytes,
        bad: 0,
      });
    }));

  it("bounds what is outstanding from a peer by its download credit", () =>
    withWorld({ seed: 82 }, async (world) => {
      const sample = createSample();
      let most = 0;
      const gate: FlowGate = {
        ...openGate,
        downloadCredit(peer: PeerView) {
          most = Math.max(most, peer.requestsSent);
          return 3 * BLOCK;
        },
      };
      const seed = await startNode(world, { host: { address: "10.0.0.1" }, sample, seed: true });
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        session: { flowGate: gate },
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.complete(leecher.torrent.whenComplete());
      assert.ok(most > 0 && most <= 3, `${most} blocks were outstanding`);
    }));

  for (const limit of [null, 400_000]) {
    it(`prefers a peer by its credit: it sends the most, ${limit === null ? "without" : "with"} a limit`, () =>
      withWorld({ seed: 84 }, async (world) => {
        const sample = createSample();
        const preferred = "10.0.0.1";
        const gate: FlowGate = {
          ...openGate,
          downloadCredit: (peer) => (peer.remote.address === preferred ? Infinity : BLOCK),
        };
        const seeds = [];
        for (const address of [preferred, "10.0.0.2"]) {
          const host = { address, upBytesPerSecond: 500_000, latencyMs: 20 };
          seeds.push(await startNode(world, { host, sample, seed: true }));
        }
        const leecher = await startNode(world, {
          host: { address: "10.0.1.1", latencyMs: 20 },
          sample,
          session: { flowGate: gate, downloadLimit: limit },
          torrent: { peers: seeds.map(endpointOf) },
        });
        await world.complete(leecher.torrent.whenComplete());
        const [most, rest] = seeds.map((seed) => seed.torrent.status().uploadedBytes);
        assert.ok(most! > 2 * rest!, `${most} and ${rest} bytes`);
      }));
  }

  it("hears of no block that was read for a peer which has left in the meantime", () =>
    withWorld({ seed: 83 }, async (world) => {
      const sample = createSample();
      let isGone = false;
      let sentAfter = 0;
      const gate: FlowGate = { ...openGate, blockSent: () => void (sentAfter += isGone ? 1 : 0) };
      const seed = await startNode(world, {
        host: { address: "10.0.0.1", diskSeekMs: 3000 },
        sample,
        seed: true,
        session: { flowGate: gate },
      });
      seed.torrent.on((event) => (isGone ||= event.type === "peer-disconnected"));
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        torrent: { peers: [endpointOf(seed)] },
      });
      const isAsking = () => (leecher.torrent.peers[0]?.requestsSent ?? 0) > 4;
      await world.run({ until: isAsking, limitMs: world.timeMs + 20_000 });
      await world.run({ untilMs: world.timeMs + 500 });
      leecher.torrent.pause();
      await world.run({ untilMs: world.timeMs + 20_000 });
      assert.ok(isGone);
      assert.equal(sentAfter, 0);
    }));
});
