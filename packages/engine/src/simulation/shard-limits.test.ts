import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import type { RemoteTorrent } from "../shards/remote-torrent.ts";
import { addAll, KIB, openShards, sampleBytes, sampleOf, startSeeds } from "./shards-world.ts";
import { DATA_DIR } from "./swarm-world.ts";

describe("limits of a session divided among workers", () => {
  it("a category keeps to its limits in all workers together, in those too that come back", () =>
    withWorld({ seed: 10 }, async (world) => {
      const lengthBytes = 3072 * KIB;
      const limit = 100 * KIB;
      const seeds = await startSeeds(world, lengthBytes);
      const { session, threads } = await openShards(world);
      await assert.rejects(session.setCategory("films", { downloadLimit: -1 }), RangeError);
      await world.complete(session.setCategory("films", { downloadLimit: limit }));
      const torrents: RemoteTorrent[] = [];
      for (const worker of [0, 1]) {
        const { sample, peers } = sampleBytes(seeds, worker, lengthBytes);
        const options = { dir: DATA_DIR, peers, category: "films" };
        torrents.push(await world.complete(session.add(sample.bytes, options)));
      }
      const received = async () => {
        const statuses = await world.complete(session.status());
        return statuses.reduce((sum, { verifiedBytes }) => sum + verifiedBytes, 0);
      };
      const measure = async (seconds: number) => {
        const [before, startMs] = [await received(), world.timeMs];
        await world.run({ untilMs: startMs + seconds * 1000 });
        return ((await received()) - before) / seconds;
      };
      // What was asked of a peer before anything was known of it comes at once, and is made up for.
      await measure(8);
      const rate = await measure(8);
      assert.ok(rate > limit * 0.7 && rate < limit * 1.15, String(rate));
      threads.crash(1);
      await world.run({ untilMs: world.timeMs + 12_000 });
      const later = await measure(8);
      assert.ok(later > limit * 0.6 && later < limit * 1.15, String(later));
      await world.complete(session.setCategory("films"));
      await world.complete(Promise.all(torrents.map((torrent) => torrent.whenComplete())), 20_000);
      await world.complete(session.close());
    }));

  it("lets no more torrents work than its queue says, in all workers together, and moves them", () =>
    withWorld({ seed: 11 }, async (world) => {
      const { session } = await openShards(world, { queue: { activeDownloads: 3 } });
      const torrents: RemoteTorrent[] = [];
      for (let index = 0; torrents.length < 8; index++) {
        const sample = sampleOf(index % 2, 2, (index + 1) * 16 * KIB);
        torrents.push(await world.complete(session.add(sample.bytes, { dir: DATA_DIR })));
      }
      const states = async () => {
        const all = await world.complete(Promise.all(torrents.map((each) => each.status())));
        return all.map(({ state }) => state);
      };
      const working = async () =>
        (await states()).filter((state) => state === "downloading").length;
      await world.run({ untilMs: world.timeMs + 3000 });
      assert.equal(await working(), 3);
      await world.complete(session.queue.setLimits({ activeDownloads: 1, ignoreSlow: false }));
      assert.equal(await working(), 1);
      await world.complete(session.queue.setLimits({ activeDownloads: 5 }));
      await world.run({ untilMs: world.timeMs + 3000 });
      assert.equal(await working(), 5);
      assert.deepEqual(session.queue.limits, { activeDownloads: 5, ignoreSlow: false });
      const waiting = torrents[(await states()).indexOf("queued")]!;
      await world.complete(session.queue.move(waiting, "top"));
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.equal((await world.complete(waiting.status())).state, "downloading");
      // Where one worker has nothing that wants a place, the other gets all of them.
      const others = torrents.filter(({ worker }) => worker === 0);
      await world.complete(Promise.all(others.map((torrent) => torrent.pause())));
      await world.run({ untilMs: world.timeMs + 3000 });
      assert.equal(await working(), 4);
      await world.complete(session.queue.setLimits({ activeDownloads: null }));
      assert.equal(await working(), 4);
      await world.complete(session.close());
    }));

  it("keeps to its limit of bytes in all workers together, and lends what one does not need", () =>
    withWorld({ seed: 6 }, async (world) => {
      const lengthBytes = 4096 * KIB;
      const limit = 200 * KIB;
      const seeds = await startSeeds(world, lengthBytes);
      const { session } = await openShards(world, { downloadLimit: limit });
      const startMs = world.timeMs;
      const received = async () => {
        const statuses = await world.complete(session.status());
        return statuses.reduce((sum, { downloadedBytes }) => sum + downloadedBytes, 0);
      };
      const [first] = await addAll(world, session, [seeds[0]!], lengthBytes);
      await world.run({ untilMs: startMs + 4000 });
      const before = await received();
      await world.run({ untilMs: startMs + 8000 });
      // Alone it gets all but the reserve of the other.
      const rate = ((await received()) - before) / 4;
      assert.ok(rate > limit * 0.9, String(rate));
      const { sample, peers } = sampleBytes(seeds, 1, lengthBytes);
      const second = await world.complete(session.add(sample.bytes, { dir: DATA_DIR, peers }));
      for (let s = 9; s <= 16; s++) {
        await world.run({ untilMs: startMs + s * 1000 });
        // A burst of 250 ms in each worker.
        assert.ok((await received()) <= limit * (s + 0.5));
      }
      const statuses = await world.complete(Promise.all([first!.status(), second.status()]));
      for (const { downloadRate } of statuses)
        assert.ok(downloadRate > limit * 0.3, String(downloadRate));
      await world.complete(session.setLimits({ download: null }));
      await world.complete(Promise.all([first!.whenComplete(), second.whenComplete()]), 10_000);
      await world.complete(session.close());
    }));
});
