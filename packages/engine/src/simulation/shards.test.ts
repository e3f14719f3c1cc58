import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NetError, type Threads } from "@shoal/runtime";
import { type SimHost, withWorld } from "@shoal/runtime/sim";
import { SessionError } from "../errors.ts";
import { createShardedSession } from "../shards/create-sharded-session.ts";
import type { ShardedSessionEvent } from "../shards/sharded-session.ts";
import { workerOf } from "../shards/worker-of.ts";
import { createSimThreads } from "./sim-threads.ts";
import {
  addAll,
  hasContent,
  KIB,
  openShards,
  PORT,
  sampleBytes,
  sampleOf,
  startSeeds,
} from "./shards-world.ts";
import { DATA_DIR, sampleTorrent } from "./swarm-world.ts";

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
});
