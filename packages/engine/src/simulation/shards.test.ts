import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NetError, type Threads } from "@shoal/runtime";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import { SessionError } from "../errors.ts";
import { createShardedSession } from "../shards/create-sharded-session.ts";
import type { RemoteTorrent } from "../shards/remote-torrent.ts";
import type { ShardedSessionEvent, ShardedSessionOptions } from "../shards/sharded-session.ts";
import { workerOf } from "../shards/worker-of.ts";
import { createSimThreads, type SimThreads } from "./sim-threads.ts";
import {
  DATA_DIR,
  endpointOf,
  holdsContent,
  type Node,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "./swarm-world.ts";

const KIB = 1024;
const PORT = 7000;

/** A torrent that falls to this worker. */
function sampleOf(worker: number, workers: number, lengthBytes = 256 * KIB): SampleTorrent {
  for (let seed = 1; ; seed++) {
    const sample = sampleTorrent({
      version: "v1",
      pieceLengthBytes: 16 * KIB,
      fileLengths: [lengthBytes],
      seed,
    });
    if (workerOf(hashOf(sample), workers) === worker) return sample;
  }
}

const hashOf = (sample: SampleTorrent) => Buffer.from(sample.metainfo.v1!.infoHash).toString("hex");

async function openShards(
  world: SimWorld,
  options: Partial<ShardedSessionOptions> = {},
  workers = 2,
) {
  const hosts = Array.from({ length: workers }, (_, index) =>
    world.host({ address: `10.0.1.${index + 1}` }),
  );
  const threads = createSimThreads(world, hosts);
  const runtime = world.host({ address: "10.0.2.1" });
  const session = await world.complete(
    createShardedSession({ runtime, threads, workers, port: PORT, ...options }),
  );
  return { session, threads };
}

/** Seeds of two torrents, one for each of two workers. */
async function startSeeds(world: SimWorld, lengthBytes?: number, up = 10_000_000): Promise<Node[]> {
  const seeds: Node[] = [];
  for (const worker of [0, 1]) {
    const sample = sampleOf(worker, 2, lengthBytes);
    const host = { address: `10.0.0.${worker + 1}`, upBytesPerSecond: up };
    seeds.push(await startNode(world, { host, sample, seed: true }));
  }
  return seeds;
}

const sampleBytes = (seeds: readonly Node[], worker: number, lengthBytes?: number) => ({
  sample: sampleOf(worker, 2, lengthBytes),
  peers: [endpointOf(seeds[worker]!)],
});

/** Adds the torrent of each seed. */
async function addAll(
  world: SimWorld,
  session: Awaited<ReturnType<typeof openShards>>["session"],
  seeds: readonly Node[],
  lengthBytes?: number,
) {
  const torrents = [];
  for (const worker of seeds.keys()) {
    const { sample, peers } = sampleBytes(seeds, worker, lengthBytes);
    torrents.push(await world.complete(session.add(sample.bytes, { dir: DATA_DIR, peers })));
  }
  return torrents;
}

const hasContent = (threads: SimThreads, worker: number, lengthBytes?: number) =>
  holdsContent(threads.hosts[worker]!, sampleOf(worker, 2, lengthBytes));

describe("a session divided among workers", () => {
  it("downloads each torrent in its worker, and tells and steers it from here", () =>
    withWorld({ seed: 1 }, async (world) => {
      const seeds = await startSeeds(world);
      const { session, threads } = await openShards(world);
      const events: ShardedSessionEvent[] = [];
      session.on((event) => events.push(event));
      const torrents = await addAll(world, session, seeds);
      const heard: string[] = [];
      torrents[1]!.on(({ type }) => heard.push(type));
      await world.complete(Promise.all(torrents.map((torrent) => torrent.whenComplete())));
      assert.deepEqual(
        torrents.map(({ worker, port }) => [worker, port]),
        [
          [0, PORT],
          [1, PORT + 1],
        ],
      );
      assert.ok(hasContent(threads, 0) && hasContent(threads, 1));
      assert.equal(heard.filter((type) => type === "piece").length, 16);
      const statuses = await world.complete(session.status());
      assert.deepEqual(
        statuses.map(({ infoHash, state, verifiedBytes }) => [infoHash, state, verifiedBytes]),
        torrents.map(({ infoHash }) => [infoHash, "seeding", 256 * KIB]),
      );
      const [file] = await world.complete(torrents[0]!.files());
      assert.deepEqual([file!.priority, file!.doneBytes], [4, 256 * KIB]);
      await world.complete(torrents[0]!.pause());
      assert.equal((await world.complete(torrents[0]!.status())).state, "paused");
      assert.equal(session.find(torrents[1]!.infoHash.toUpperCase()), torrents[1]);
      await world.complete(session.remove(torrents[1]!));
      assert.deepEqual(session.torrents, [torrents[0]]);
      const told = events.filter(({ type }) => type !== "torrent-state");
      assert.deepEqual(
        told.map((event) => [event.type, "torrent" in event && event.torrent.worker]),
        [
          ["torrent-added", 0],
          ["torrent-added", 1],
          ...told
            .slice(2, 4)
            .map((event) => ["torrent-complete", "torrent" in event && event.torrent.worker]),
          ["torrent-removed", 1],
        ],
      );
      await world.complete(session.close());
      assert.equal(threads.running, 0);
    }));

  it("streams a file from its worker while it comes, until its reader leaves", () =>
    withWorld({ seed: 12 }, async (world) => {
      const seeds = await startSeeds(world);
      const { session } = await openShards(world);
      const { sample, peers } = sampleBytes(seeds, 1);
      const options = { dir: DATA_DIR, peers };
      const torrent = await world.complete(session.add(sample.bytes, options));
      const read = async (range: object, most = Infinity): Promise<Buffer> => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of torrent.stream(0, range)) {
          chunks.push(chunk);
          if (chunks.length >= most) break;
        }
        return Buffer.concat(chunks);
      };
      const content = Buffer.from(sample.contents[0]!);
      assert.ok(content.equals(await world.complete(read({}))));
      const range = { start: 1000, end: 200_000 };
      assert.ok(content.subarray(1000, 200_000).equals(await world.complete(read(range))));
      const first = await world.complete(read({}, 1));
      assert.ok(first.length > 0 && content.subarray(0, first.length).equals(first));
      await world.complete(assert.rejects(read({ start: -1 }), RangeError));
      const signal = AbortSignal.abort(new Error("enough"));
      await world.complete(assert.rejects(read({ signal }), { message: "enough" }));
      await world.complete(session.close());
    }));

  it("errors keep their class, code and fields over the border", () =>
    withWorld({ seed: 2 }, async (world) => {
      const { session } = await openShards(world);
      const sample = sampleOf(1, 2);
      const torrent = await world.complete(session.add(sample.bytes, { dir: DATA_DIR }));
      await assert.rejects(
        world.complete(session.add(sample.bytes, { dir: DATA_DIR })),
        (error) => {
          return error instanceof SessionError && error.code === "duplicate-torrent";
        },
      );
      await assert.rejects(world.complete(torrent.setFilePriority(7, 0)), RangeError);
      await assert.rejects(world.complete(torrent.setLimits({ upload: -1 })), RangeError);
      const abort = new AbortController();
      const waiting = torrent.whenComplete(abort.signal);
      abort.abort(new Error("enough"));
      await assert.rejects(world.complete(waiting), /enough/);
      await world.complete(session.remove(torrent));
      await assert.rejects(world.complete(torrent.status()), (error) => {
        return error instanceof SessionError && error.code === "unknown-torrent";
      });
      await world.complete(session.close());
      await assert.rejects(session.add(sample.bytes, { dir: DATA_DIR }), (error) => {
        return error instanceof SessionError && error.code === "closed";
      });
    }));

  it("leaves nothing running when one of its ports is taken", () =>
    withWorld({ seed: 3 }, async (world) => {
      const hosts = [1, 2].map((index) => world.host({ address: `10.0.1.${index}` }));
      const threads = createSimThreads(world, hosts);
      const taken = await world.complete(hosts[1]!.net.listen({ port: PORT + 1 }, () => {}));
      const opening = createShardedSession({ runtime: hosts[0]!, threads, workers: 2, port: PORT });
      await assert.rejects(world.complete(opening), (error) => {
        return error instanceof NetError && error.code === "address-in-use";
      });
      assert.equal(threads.running, 0);
      await taken.close();
    }));

  it("is closed by its signal", () =>
    withWorld({ seed: 4 }, async (world) => {
      const abort = new AbortController();
      const { session, threads } = await openShards(world, { signal: abort.signal });
      abort.abort();
      await world.complete(session.close());
      assert.equal(threads.running, 0);
    }));

  it("is given up by its signal while it opens", () =>
    withWorld({ seed: 7 }, async (world) => {
      const abort = new AbortController();
      const opening = openShards(world, { signal: abort.signal });
      abort.abort(new Error("changed my mind"));
      await assert.rejects(opening, /changed my mind/);
    }));

  it("ends a worker that does not close", () =>
    withWorld({ seed: 9 }, async (world) => {
      const host = world.host({ address: "10.0.1.1" });
      const sim = createSimThreads(world, [host]);
      const threads: Threads = {
        start(module, data) {
          const thread = sim.start(module, data);
          const isClose = (value: unknown) => (value as { name?: string }).name === "close";
          return { ...thread, post: (value) => void (isClose(value) || thread.post(value)) };
        },
      };
      const runtime = world.host({ address: "10.0.2.1" });
      const session = await world.complete(createShardedSession({ runtime, threads, workers: 1 }));
      await world.complete(session.close(), 31_000);
      assert.equal(sim.running, 0);
    }));

  it("has its torrents again with another number of workers, each in the worker that is its own", () =>
    withWorld({ seed: 8 }, async (world) => {
      let host = world.host({ address: "10.0.1.1" });
      const open = (workers: number) => {
        const threads = createSimThreads(world, new Array<SimHost>(workers).fill(host));
        const opening = createShardedSession({ runtime: host, threads, workers, port: PORT });
        return world.complete(opening);
      };
      const before = await open(2);
      const samples = Array.from({ length: 8 }, (_, index) =>
        sampleTorrent({
          version: "v1",
          pieceLengthBytes: 16 * KIB,
          fileLengths: [KIB],
          seed: index,
        }),
      );
      for (const [index, { bytes }] of samples.entries()) {
        await world.complete(before.add(bytes, { dir: `${DATA_DIR}/${index}`, paused: true }));
      }
      await world.complete(before.close());
      await world.complete(host.close());
      host = world.restart(host);
      const after = await open(3);
      assert.equal(after.torrents.length, samples.length);
      for (const { infoHash, worker } of after.torrents)
        assert.equal(worker, workerOf(infoHash, 3));
      assert.deepEqual(new Set(after.torrents.map(({ worker }) => worker)), new Set([0, 1, 2]));
      const statuses = await world.complete(after.status());
      assert.ok(statuses.every(({ state }) => state === "paused"));
      await world.complete(after.close());
    }));

  it("a worker that dies comes back with its torrents, and goes on", () =>
    withWorld({ seed: 5 }, async (world) => {
      const lengthBytes = 1024 * KIB;
      const seeds = await startSeeds(world, lengthBytes, 100_000);
      const { session, threads } = await openShards(world);
      const torrents = await addAll(world, session, seeds, lengthBytes);
      const events: string[] = [];
      session.on((event) => {
        if ("worker" in event) events.push(`${event.type} ${event.worker}`);
      });
      const whenComplete = Promise.all(torrents.map((torrent) => torrent.whenComplete()));
      await world.run({ untilMs: world.timeMs + 5000 });
      const asked = torrents[1]!.checkPiece(0);
      threads.crash(1);
      await assert.rejects(world.complete(asked), (error) => {
        return error instanceof SessionError && error.code === "worker-died";
      });
      assert.equal(session.workers[1]!.isUp, false);
      // What comes while it is down waits until it is up.
      const { verifiedBytes } = await world.complete(torrents[1]!.status());
      assert.ok(verifiedBytes > 0);
      assert.deepEqual(events, ["worker-died 1", "worker-restarted 1"]);
      assert.equal(session.workers[1]!.port, PORT + 1);
      assert.deepEqual(session.torrents, torrents);
      await world.complete(whenComplete);
      assert.ok(hasContent(threads, 0, lengthBytes) && hasContent(threads, 1, lengthBytes));
      await world.complete(session.close());
    }));

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
