import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { createSession } from "../session/create-session.ts";
import type { Session, SessionOptions } from "../session/session.ts";
import { endpointOf, placeContent, sampleTorrent, startNode } from "./swarm-world.ts";

const KIB = 1024;
const MINUTE_MS = 60_000;

function createSamples(count: number, lengthBytes = 512 * KIB) {
  return Array.from({ length: count }, (_, index) =>
    sampleTorrent({
      version: "v1",
      pieceLengthBytes: 16 * KIB,
      fileLengths: [lengthBytes],
      seed: index + 1,
    }),
  );
}

/** A seeder of all samples, and a session that downloads them. */
async function startPair(
  world: SimWorld,
  count: number,
  options: Partial<SessionOptions>,
  upBytesPerSecond = 100_000,
  lengthBytes = 512 * KIB,
): Promise<{ seeds: Session; session: Session }> {
  const samples = createSamples(count, lengthBytes);
  const host = world.host({ address: "10.0.0.1", upBytesPerSecond });
  const seeds = await world.complete(
    createSession({ runtime: host, port: 6881, host: host.address }),
  );
  for (const [index, sample] of samples.entries()) {
    placeContent(host, sample, `/data/${index}`);
    await seeds.add(sample.bytes, { dir: `/data/${index}` });
  }
  const session = await world.complete(
    createSession({
      runtime: world.host({ address: "10.0.0.2" }),
      port: 6881,
      host: "10.0.0.2",
      ...options,
    }),
  );
  for (const [index, sample] of samples.entries()) {
    const peers = [{ address: host.address, port: seeds.port }];
    await session.add(sample.bytes, { dir: `/data/${index}`, peers });
  }
  return { seeds, session };
}

const statesOf = (session: Session) => session.torrents.map((torrent) => torrent.state).join(" ");

describe("the queue of a session", () => {
  it("lets so many download at once, and the next when one is complete", () =>
    withWorld({ seed: 11 }, async (world) => {
      const { session } = await startPair(world, 4, { queue: { activeDownloads: 2 } });
      await world.run({ untilMs: world.timeMs + 1000 });
      assert.equal(statesOf(session), "downloading downloading queued queued");
      const complete: string[] = [];
      session.on((event) => {
        if (event.type === "torrent-complete") complete.push(event.torrent.infoHash);
        const downloads = session.torrents.filter(({ state }) => state === "downloading");
        assert.ok(downloads.length <= 2);
      });
      for (const torrent of session.torrents) await world.complete(torrent.whenComplete());
      assert.equal(complete.length, 4);
      assert.equal(statesOf(session), "seeding seeding seeding seeding");
    }));

  it("is reordered: what moves to the top runs, and the last of those that ran waits", () =>
    withWorld({ seed: 12 }, async (world) => {
      const { session } = await startPair(world, 4, { queue: { activeDownloads: 2 } });
      await world.run({ untilMs: world.timeMs + 1000 });
      const [first, second, third, last] = session.torrents;
      session.queue.move(last!, "top");
      assert.deepEqual(
        [last!.state, first!.state, second!.state],
        ["checking", "downloading", "queued"],
      );
      session.queue.move(last!, "down");
      assert.deepEqual(session.torrents, [first, last, second, third]);
      session.queue.move(third!, "up");
      session.queue.move(first!, "bottom");
      assert.deepEqual(session.torrents, [last, third, second, first]);
      session.queue.move(first!, 1);
      assert.deepEqual(session.torrents, [last, first, third, second]);
      assert.equal(session.queue.positionOf(third!), 2);
      assert.throws(() => session.queue.move(first!, -1), RangeError);
    }));

  it("pausing gives the place to the next; forced torrents take none", () =>
    withWorld({ seed: 13 }, async (world) => {
      const { session } = await startPair(world, 4, { queue: { activeDownloads: 1 } });
      const [first, second, third, last] = session.torrents;
      await world.run({ untilMs: world.timeMs + 500 });
      first!.pause();
      last!.forceStart();
      await world.run({ untilMs: world.timeMs + 500 });
      assert.equal(statesOf(session), "paused downloading queued downloading");
      first!.resume();
      await world.run({ untilMs: world.timeMs + 500 });
      assert.equal(statesOf(session), "downloading queued queued downloading");
      session.queue.setLimits({ activeDownloads: 2 });
      assert.notEqual(second!.state, "queued");
      assert.equal(third!.state, "queued");
    }));

  it("a torrent that moves nothing for a minute lets the next one run beside it", () =>
    withWorld({ seed: 14 }, async (world) => {
      const { seeds, session } = await startPair(world, 3, { queue: { activeDownloads: 1 } });
      await world.complete(seeds.close());
      await world.run({ untilMs: world.timeMs + 30_000 });
      assert.equal(statesOf(session), "downloading queued queued");
      await world.run({ untilMs: world.timeMs + 40_000 });
      assert.equal(statesOf(session), "downloading downloading queued");
    }));

  it("checks what is on disk one torrent after the other", () =>
    withWorld({ seed: 15 }, async (world) => {
      const samples = createSamples(3, 2048 * KIB);
      const host = world.host({ address: "10.0.0.1", diskSeekMs: 10 });
      const session = await world.complete(createSession({ runtime: host, port: 6881 }));
      for (const [index, sample] of samples.entries()) {
        placeContent(host, sample, `/data/${index}`);
        await session.add(sample.bytes, { dir: `/data/${index}` });
      }
      let seen = 0;
      while (session.torrents.some(({ state }) => state === "checking")) {
        await world.run({ untilMs: world.timeMs + 50 });
        const under = session.torrents.filter((torrent) => {
          const { checked } = torrent.status();
          return checked > 0 && checked < 1;
        });
        assert.ok(under.length <= 1);
        seen += under.length;
      }
      assert.ok(seen > 3);
      await world.complete(session.torrents[2]!.whenComplete());
    }));
});

describe("a torrent that has shared enough", () => {
  it("is paused at its ratio, and not again when its user lets it go on", () =>
    withWorld({ seed: 21 }, async (world) => {
      const [sample] = createSamples(1);
      const seed = await startNode(world, {
        host: { address: "10.0.0.1" },
        sample: sample!,
        seed: true,
        session: { shareLimits: { ratio: 1 } },
      });
      const reached: string[] = [];
      seed.session.on((event) => {
        if (event.type === "share-limit-reached") reached.push(event.reason);
      });
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample: sample!,
        torrent: { peers: [endpointOf(seed)] },
      });
      await world.complete(leecher.torrent.whenComplete());
      await world.run({ untilMs: world.timeMs + 15_000 });
      assert.equal(seed.torrent.state, "paused");
      seed.torrent.resume();
      await world.run({ untilMs: world.timeMs + 30_000 });
      assert.deepEqual([seed.torrent.state, reached], ["seeding", ["ratio"]]);
    }));

  it("by time of seeding is removed where that is asked, and its category's limits go first", () =>
    withWorld({ seed: 22 }, async (world) => {
      const samples = createSamples(3, 16 * KIB);
      const host = world.host({ address: "10.0.0.1" });
      const session = await world.complete(
        createSession({
          runtime: host,
          port: 6881,
          shareLimits: { seedTimeMs: 5 * MINUTE_MS, action: "remove" },
        }),
      );
      session.setCategory("keep", { shareLimits: { seedTimeMs: null } });
      session.setCategory("idle", {
        shareLimits: { seedTimeMs: null, idleTimeMs: MINUTE_MS, action: "pause" },
      });
      for (const [index, category] of ["", "keep", "idle"].entries()) {
        placeContent(host, samples[index]!, `/data/${index}`);
        const options = { dir: `/data/${index}`, ...(category === "" ? {} : { category }) };
        await session.add(samples[index]!.bytes, options);
      }
      await world.run({ untilMs: world.timeMs + 4 * MINUTE_MS });
      assert.equal(statesOf(session), "seeding seeding paused");
      await world.run({ untilMs: world.timeMs + 2 * MINUTE_MS });
      assert.equal(statesOf(session), "seeding paused");
      assert.deepEqual(
        session.torrents.map(({ category }) => category),
        ["keep", "idle"],
      );
    }));
});

describe("limits that torrents share", () => {
  it("a category's limit holds for its torrents together, and no other", () =>
    withWorld({ seed: 31 }, async (world) => {
      const { session } = await startPair(world, 3, {}, 10e6, 8192 * KIB);
      const limit = 200_000;
      session.setCategory("slow", { downloadLimit: limit });
      const [first, second, free] = session.torrents;
      first!.setCategory("slow");
      second!.setCategory("slow");
      const moved = () => first!.status().downloadedBytes + second!.status().downloadedBytes;
      await world.complete(free!.whenComplete(), 10_000);
      await world.run({ untilMs: world.timeMs + 10_000 });
      const before = moved();
      await world.run({ untilMs: world.timeMs + 20_000 });
      const rate = (moved() - before) / 20;
      assert.ok(Math.abs(rate / limit - 1) < 0.05, `${rate} bytes/s at a limit of ${limit}`);
      session.removeCategory("slow");
      await world.complete(first!.whenComplete(), 30_000);
      assert.equal(first!.category, null);
    }));

  it("of a connection hold for each; peers of the local network can be left out", () =>
    withWorld({ seed: 32 }, async (world) => {
      for (const [limitLocalPeers, atLeast, atMost] of [
        [true, 20, 60],
        [false, 0, 5],
      ] as const) {
        const second = limitLocalPeers ? 1 : 2;
        const [sample] = createSamples(1, 1024 * KIB);
        const seed = await startNode(world, {
          host: { address: `10.0.${second}.1`, upBytesPerSecond: 5e6 },
          sample: sample!,
          seed: true,
          session: { peerUploadLimit: 40_000, limitLocalPeers },
        });
        const startMs = world.timeMs;
        const { torrent } = await startNode(world, {
          host: { address: `10.0.${second}.2` },
          sample: sample!,
          torrent: { peers: [endpointOf(seed)] },
        });
        await world.complete(torrent.whenComplete());
        const seconds = (world.timeMs - startMs) / 1000;
        assert.ok(seconds >= atLeast && seconds <= atMost, `${seconds} s`);
      }
    }));

  it("are others while a schedule says so", () =>
    withWorld({ seed: 33 }, async (world) => {
      const limits = { downloadLimit: 100_000 };
      const { session } = await startPair(world, 1, limits, 10e6, 8192 * KIB);
      const [torrent] = session.torrents;
      await world.run({ untilMs: world.timeMs + 10_000 });
      const before = torrent!.status().downloadedBytes;
      await world.run({ untilMs: world.timeMs + 20_000 });
      const rate = (torrent!.status().downloadedBytes - before) / 20;
      assert.ok(Math.abs(rate / 100_000 - 1) < 0.05, `${rate} bytes/s`);
      const days = [0, 1, 2, 3, 4, 5, 6] as const;
      const always = { days, fromMinute: 0, toMinute: 24 * 60, download: null };
      session.setSchedule({ utcOffsetMinutes: 0, rules: [always] });
      await world.complete(torrent!.whenComplete(), 10_000);
    }));
});
