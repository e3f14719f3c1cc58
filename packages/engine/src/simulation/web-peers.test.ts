import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { createTrackerServer } from "@shoal/tracker";
import { emulateWebRtc } from "@shoal/webrtc/emulation";
import { holdsContent, type Node, sampleTorrent, startNode } from "./swarm-world.ts";

const TRACKER = "ws://10.0.0.9:8000/announce";
const details = { trackers: [[TRACKER]] };

const sampleOf = (version: "v1" | "hybrid") =>
  sampleTorrent({ version, pieceLengthBytes: 32_768, fileLengths: [500_000], details });

async function start(
  world: SimWorld,
  last: number,
  options: Partial<Parameters<typeof startNode>[1]>,
) {
  const host = world.host({ address: `10.0.0.${last}` });
  const webRtc = emulateWebRtc({ net: host.net, host: host.address });
  return await startNode(world, {
    host,
    sample: sampleOf("v1"),
    ...options,
    session: { webRtc, ...options.session },
  });
}

async function startTracker(world: SimWorld) {
  const host = world.host({ address: "10.0.0.9" });
  return await world.complete(createTrackerServer({ ...host, httpPort: 8000 }));
}

async function end(world: SimWorld, ...nodes: Node[]): Promise<void> {
  await world.complete(Promise.all(nodes.map(({ session }) => session.close())));
}

suite("swarms over WebRTC, emulated", () => {
  for (const version of ["v1", "hybrid"] as const) {
    test(`peers of a ${version} torrent meet by a WebSocket tracker alone, and exchange it`, async () => {
      await withWorld({}, async (world) => {
        const sample = sampleOf(version);
        await startTracker(world);
        const seed = await start(world, 1, { sample, seed: true });
        const leech = await start(world, 2, { sample });
        await world.complete(leech.torrent.whenComplete(), 60_000);
        assert.ok(holdsContent(leech.host, sample));
        await end(world, seed, leech);
      });
    });
  }

  test("whoever comes first makes offers too: a seed that comes later reaches a waiting peer", async () => {
    await withWorld({}, async (world) => {
      const sample = sampleOf("v1");
      await startTracker(world);
      const leech = await start(world, 2, { sample });
      await world.run({ untilMs: world.timeMs + 5_000 });
      const seed = await start(world, 1, { sample, seed: true });
      await world.complete(leech.torrent.whenComplete(), 60_000);
      await end(world, seed, leech);
    });
  });

  test("WebRTC needs no encryption of the peer protocol, whatever is required elsewhere", async () => {
    await withWorld({}, async (world) => {
      const sample = sampleOf("v1");
      await startTracker(world);
      const session = { encryption: "require" } as const;
      const seed = await start(world, 1, { sample, seed: true, session });
      const leech = await start(world, 2, { sample, session });
      await world.complete(leech.torrent.whenComplete(), 60_000);
      await end(world, seed, leech);
    });
  });

  test("without WebRTC a WebSocket tracker is not asked, and says why", async () => {
    await withWorld({}, async (world) => {
      const sample = sampleOf("v1");
      const { torrent, session } = await startNode(world, {
        host: { address: "10.0.0.1" },
        sample,
      });
      await world.run({ untilMs: world.timeMs + 5_000 });
      const [tracker] = torrent.status().trackers;
      assert.equal(tracker?.errorCode, "unsupported-scheme");
      assert.equal(tracker.nextAnnounceMs, null);
      await world.complete(session.close());
    });
  });
});
