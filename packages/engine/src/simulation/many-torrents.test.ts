import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import { createSession } from "../session/create-session.ts";
import type { Session, SessionOptions } from "../session/session.ts";
import {
  DATA_DIR,
  holdsContent,
  placeContent,
  sampleTorrent,
  type SampleTorrent,
  startNode,
} from "./swarm-world.ts";

const KIB = 1024;
const MINUTE_MS = 60_000;

function createSample(seed: number): SampleTorrent {
  return sampleTorrent({
    version: "v1",
    pieceLengthBytes: 16 * KIB,
    fileLengths: [64 * KIB],
    seed,
  });
}

const dirOf = (index: number) => `${DATA_DIR}/${index}`;

function open(
  world: SimWorld,
  host: SimHost,
  options: Partial<SessionOptions> = {},
): Promise<Session> {
  return world.complete(
    createSession({ runtime: host, port: 6881, host: host.address, restore: true, ...options }),
  );
}

/** A session with so many complete torrents, that keeps them. */
async function openSeeds(world: SimWorld, host: SimHost, samples: readonly SampleTorrent[]) {
  const session = await open(world, host);
  for (const [index, sample] of samples.entries()) {
    placeContent(host, sample, dirOf(index));
    const torrent = await world.complete(session.add(sample.bytes, { dir: dirOf(index) }));
    await world.complete(torrent.whenComplete());
  }
  return session;
}

describe("a session that keeps its torrents", () => {
  for (const end of ["closed in order", "killed"] as const) {
    it(`${end}: has them all again, asleep, and reads none of their files`, () =>
      withWorld({ seed: 1 }, async (world) => {
        const samples = Array.from({ length: 12 }, (_, index) => createSample(index + 1));
        const host = world.host({ address: "10.0.0.1" });
        const session = await openSeeds(world, host, samples);
        session.torrents[3]!.pause();
        session.queue.move(session.torrents[11]!, "top");
        const before = session.torrents.map(({ infoHash, state, dir }) => [infoHash, state, dir]);
        await world.run({ untilMs: world.timeMs + 2000 });
        if (end === "killed") host.crash();
        else {
          await world.complete(session.close());
          await world.complete(host.close());
        }
        let diskUses = 0;
        world.trace = (_timeMs, kind) => void (kind === "disk" && diskUses++);
        const again = await open(world, world.restart(host));
        await world.run({ untilMs: world.timeMs + 10_000 });
        assert.deepEqual(
          again.torrents.map(({ infoHash, state, dir }) => [infoHash, state, dir]),
          before,
        );
        assert.ok(again.torrents.every((torrent) => torrent.isAsleep));
        assert.equal(diskUses, 0);
        world.trace = null;
        await world.complete(again.close());
      }));
  }

  it("a connection wakes a torrent, which serves its peer and falls asleep again", () =>
    withWorld({ seed: 2 }, async (world) => {
      const samples = [createSample(1), createSample(2)];
      const host = world.host({ address: "10.0.0.1" });
      const session = await openSeeds(world, host, samples);
      await world.run({ untilMs: world.timeMs + 3 * MINUTE_MS });
      assert.ok(session.torrents.every((torrent) => torrent.isAsleep));
      const [torrent, other] = session.torrents;
      const heard: string[] = [];
      torrent!.on((event) => heard.push(event.type === "state" ? event.state : event.type));
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample: samples[0]!,
        torrent: { peers: [{ address: host.address, port: session.port }] },
      });
      await world.complete(leecher.torrent.whenComplete(), 10_000);
      assert.ok(holdsContent(leecher.host, samples[0]!));
      assert.deepEqual([torrent!.isAsleep, other!.isAsleep], [false, true]);
      assert.deepEqual([torrent!.state, torrent!.status().uploadedBytes], ["seeding", 64 * KIB]);
      assert.equal(heard.includes("complete"), false);
      await world.complete(leecher.session.close());
      await world.run({ untilMs: world.timeMs + 2 * MINUTE_MS });
      assert.ok(torrent!.isAsleep);
      const { totals, verifiedBytes, uploadedBytes } = torrent!.status();
      assert.deepEqual([verifiedBytes, uploadedBytes, totals.ratio], [64 * KIB, 64 * KIB, 1]);
    }));

  it("a download that is killed goes on where it was, in each torrent", () =>
    withWorld({ seed: 3 }, async (world) => {
      const samples = Array.from({ length: 6 }, (_, index) =>
        sampleTorrent({
          version: "v1",
          pieceLengthBytes: 16 * KIB,
          fileLengths: [256 * KIB],
          seed: index + 1,
        }),
      );
      const seedHost = world.host({ address: "10.0.0.1", upBytesPerSecond: 200_000 });
      const seeds = await openSeeds(world, seedHost, samples);
      const peers = [{ address: seedHost.address, port: seeds.port }];
      const host = world.host({ address: "10.0.0.2" });
      const session = await open(world, host);
      for (const [index, sample] of samples.entries()) {
        await world.complete(session.add(sample.bytes, { dir: dirOf(index), peers }));
      }
      await world.run({ untilMs: world.timeMs + 4000 });
      const verified = session.torrents.map((torrent) => torrent.status().verifiedPieces);
      host.crash();
      const restarted = world.restart(host);
      const again = await open(world, restarted);
      for (const [index, torrent] of again.torrents.entries()) {
        await world.complete(torrent.whenReady());
        assert.ok(torrent.status().verifiedPieces >= verified[index]!);
        const missing = (torrent.status().pieceCount - verified[index]!) * 16 * KIB;
        await world.complete(torrent.whenComplete(), 600_000);
        assert.ok(torrent.status().downloadedBytes <= missing);
        assert.ok(holdsContent(restarted, samples[index]!, dirOf(index)));
      }
      await world.complete(again.close());
      await world.complete(seeds.close());
    }));

  it("counts time and payload over runs, and loses half a minute at most to a kill", () =>
    withWorld({ seed: 4 }, async (world) => {
      const sample = createSample(1);
      const host = world.host({ address: "10.0.0.1" });
      const session = await openSeeds(world, host, [sample]);
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2" },
        sample,
        torrent: { peers: [{ address: host.address, port: session.port }] },
      });
      await world.complete(leecher.torrent.whenComplete(), 10_000);
      const { addedAtMs, completedAtMs } = session.torrents[0]!.status().totals;
      await world.run({ untilMs: world.timeMs + 10 * MINUTE_MS });
      const { seedingMs } = session.torrents[0]!.status().totals;
      assert.ok(seedingMs >= 10 * MINUTE_MS);
      host.crash();
      const again = await open(world, world.restart(host));
      const { totals } = again.torrents[0]!.status();
      assert.ok(totals.seedingMs >= seedingMs - 31_000, `${totals.seedingMs} of ${seedingMs}`);
      assert.ok(totals.seedingMs <= seedingMs + 1000);
      assert.deepEqual(
        [totals.addedAtMs, totals.completedAtMs, totals.uploadedBytes, totals.ratio],
        [addedAtMs, completedAtMs, 64 * KIB, 1],
      );
      await world.complete(again.close());
    }));

  it("forgets a torrent that is removed, and has one again that was only closed", () =>
    withWorld({ seed: 5 }, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const session = await openSeeds(world, host, [createSample(1), createSample(2)]);
      const [first, second] = session.torrents;
      await world.complete(session.remove(first!));
      await world.complete(second!.close());
      assert.equal(session.torrents.length, 0);
      await world.complete(session.close());
      await world.complete(host.close());
      const again = await open(world, world.restart(host));
      assert.deepEqual(
        again.torrents.map(({ infoHash }) => infoHash),
        [second!.infoHash],
      );
      await world.complete(again.close());
    }));

  it("has again what a torrent's file said beside its metadata", () =>
    withWorld({ seed: 7 }, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const session = await open(world, host);
      const { metainfo } = createSample(1);
      const about = { comment: "by hand", createdBy: "somebody", createdAtS: 1_700_000_000 };
      await world.complete(session.add({ ...metainfo, ...about }, { dir: DATA_DIR }));
      await world.complete(session.close());
      await world.complete(host.close());
      const again = await open(world, world.restart(host));
      const restored = await world.complete(again.torrents[0]!.loadMetainfo());
      const { comment, createdBy, createdAtS } = restored!;
      assert.deepEqual({ comment, createdBy, createdAtS }, about);
      await world.complete(again.close());
    }));

  it("several sessions share the torrents of a store", () =>
    withWorld({ seed: 6 }, async (world) => {
      const samples = Array.from({ length: 6 }, (_, index) => createSample(index + 1));
      const host = world.host({ address: "10.0.0.1" });
      const session = await openSeeds(world, host, samples);
      await world.complete(session.close());
      await world.complete(host.close());
      const restarted = world.restart(host);
      const isEven = (infoHash: string) => Number.parseInt(infoHash[0]!, 16) % 2 === 0;
      const even = await open(world, restarted, { restore: isEven });
      const odd = await open(world, restarted, { restore: (hash) => !isEven(hash), port: 6882 });
      assert.ok(even.torrents.every(({ infoHash }) => isEven(infoHash)));
      assert.equal(even.torrents.length + odd.torrents.length, 6);
      await world.complete(Promise.all([even.close(), odd.close()]));
    }));
});
