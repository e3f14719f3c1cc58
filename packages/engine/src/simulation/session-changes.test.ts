import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SimHost, type SimWorld, withWorld } from "@shoal/runtime/sim";
import { createTrackerServer } from "@shoal/tracker";
import { createSession } from "../session/create-session.ts";
import type { Session } from "../session/session.ts";
import type { Torrent } from "../torrent/torrent.ts";
import { DATA_DIR, placeContent, sampleTorrent, startNode } from "./swarm-world.ts";

const KIB = 1024;
const MINUTE_MS = 60_000;
const TRACKER = "10.9.0.1";
const dirOf = (index: number) => `${DATA_DIR}/${index}`;

const createSample = (seed: number, lengthBytes = 64 * KIB) =>
  sampleTorrent({
    version: "v1",
    pieceLengthBytes: 16 * KIB,
    fileLengths: [lengthBytes],
    seed,
    details: { trackers: [[`http://${TRACKER}/announce`]] },
  });

const open = (world: SimWorld, host: SimHost): Promise<Session> =>
  world.complete(createSession({ runtime: host, port: 6881, host: host.address, restore: true }));

/** What a list shows of a torrent: all but what the passing of time changes. */
function look(torrent: Torrent) {
  const { etaS: _eta, trackers, totals, slow, ...status } = torrent.status();
  const { activeMs: _active, seedingMs: _seeding, ...lasting } = totals;
  return {
    ...status,
    totals: lasting,
    slow: slow?.reason,
    trackers: trackers.map(({ nextAnnounceMs: _next, ...tracker }) => tracker),
    downloadRate: Math.round(status.downloadRate),
    uploadRate: Math.round(status.uploadRate),
  };
}

/** A list of a session's torrents that is kept by what has changed alone. */
function createMirror(session: Session) {
  const known = new Map<string, ReturnType<typeof look>>();
  let revision: number | undefined;
  return {
    /** @returns How many torrents were looked at. */
    follow(): number {
      const changes = session.changes(revision);
      revision = changes.revision;
      if (changes.isWhole) known.clear();
      for (const infoHash of changes.removed) known.delete(infoHash);
      for (const torrent of changes.changed) known.set(torrent.infoHash, look(torrent));
      return changes.changed.length;
    },
    assertTrue(): void {
      const there = session.torrents.map((torrent) => [torrent.infoHash, look(torrent)] as const);
      assert.deepEqual(known, new Map(there));
    },
  };
}

describe("what has changed in a session", () => {
  it("is enough to keep a list of its torrents true, second by second", () =>
    withWorld({ seed: 1 }, async (world) => {
      const { net, http, clock, random } = world.host({ address: TRACKER });
      const server = await world.complete(
        createTrackerServer({ net, http, clock, random, httpPort: 80, intervalS: 60 }),
      );
      const host = world.host({ address: "10.0.0.1" });
      const session = await open(world, host);
      const mirror = createMirror(session);
      const samples = Array.from({ length: 5 }, (_, index) => createSample(index + 1));
      for (const [index, sample] of samples.slice(0, 4).entries()) {
        placeContent(host, sample, dirOf(index));
        await world.complete(session.add(sample.bytes, { dir: dirOf(index) }));
      }
      const large = createSample(9, 512 * KIB);
      const seed = await startNode(world, {
        host: { address: "10.0.0.2", upBytesPerSecond: 50_000 },
        sample: large,
        seed: true,
      });
      const watch = async (seconds: number): Promise<void> => {
        for (let second = 0; second < seconds; second++) {
          await world.run({ untilMs: world.timeMs + 1000 });
          mirror.follow();
          mirror.assertTrue();
        }
      };
      await watch(3);
      const peers = [{ address: seed.host.address, port: seed.session.port }];
      const download = await world.complete(
        session.add(large.bytes, { dir: dirOf(9), peers, downloadLimit: 40_000 }),
      );
      await watch(5);
      session.torrents[0]!.pause();
      session.queue.move(session.torrents[3]!, "top");
      session.torrents[1]!.setCategory("films");
      await world.complete(session.remove(session.torrents[2]!));
      await watch(30);
      assert.equal(download.state, "seeding");
      await world.run({ untilMs: world.timeMs + 2 * MINUTE_MS });
      await watch(3);
      assert.ok(session.torrents.every(({ isAsleep }) => isAsleep));
      await world.complete(session.close());
      await world.complete(seed.session.close());
      await world.complete(server.close());
    }));

  it("is nothing of torrents that sleep, of those removed their names, and all for who knows nothing", () =>
    withWorld({ seed: 2 }, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const session = await open(world, host);
      const samples = Array.from({ length: 6 }, (_, index) =>
        sampleTorrent({
          version: "v1",
          pieceLengthBytes: 16 * KIB,
          fileLengths: [32 * KIB],
          seed: index + 1,
        }),
      );
      for (const [index, sample] of samples.entries()) {
        placeContent(host, sample, dirOf(index));
        const torrent = await world.complete(session.add(sample.bytes, { dir: dirOf(index) }));
        await world.complete(torrent.whenComplete());
      }
      await world.run({ untilMs: world.timeMs + 3 * MINUTE_MS });
      const first = session.changes();
      assert.deepEqual([first.isWhole, first.changed], [true, session.torrents]);
      await world.run({ untilMs: world.timeMs + 10 * MINUTE_MS });
      assert.deepEqual(session.changes(first.revision), {
        ...first,
        isWhole: false,
        changed: [],
      });
      const [one, two, three] = session.torrents;
      two!.setLimits({ upload: 1000 });
      await world.complete(session.remove(one!));
      const gone = one!.infoHash;
      const second = session.changes(first.revision);
      assert.deepEqual([second.changed, second.removed], [[two], [gone]]);
      // Two that ask do not disturb each other.
      assert.deepEqual(session.changes(first.revision), second);
      session.queue.move(three!, "top");
      assert.deepEqual(session.changes(second.revision).changed, [three, two]);
      const again = await world.complete(session.add(samples[0]!.bytes, { dir: dirOf(0) }));
      const third = session.changes(first.revision);
      assert.ok(third.changed.includes(again));
      assert.deepEqual(third.removed, []);
      for (const stranger of [third.revision + 1, 5, NaN]) {
        assert.equal(session.changes(stranger).isWhole, true);
      }
      await world.complete(session.close());
      await world.complete(host.close());
      const later = await open(world, world.restart(host));
      assert.equal(later.changes(third.revision).isWhole, true);
      await world.complete(later.close());
    }));

  it("what moves in all is told at once, also what torrents moved that are gone", () =>
    withWorld({ seed: 3 }, async (world) => {
      const host = world.host({ address: "10.0.0.1" });
      const session = await open(world, host);
      const sample = createSample(1, 512 * KIB);
      placeContent(host, sample, dirOf(0));
      const torrent = await world.complete(session.add(sample.bytes, { dir: dirOf(0) }));
      await world.complete(torrent.whenComplete());
      const leecher = await startNode(world, {
        host: { address: "10.0.0.2", downBytesPerSecond: 100_000 },
        sample,
        torrent: { peers: [{ address: host.address, port: session.port }] },
      });
      await world.run({ untilMs: world.timeMs + 3000 });
      const { uploadRate, uploadedBytes } = torrent.status();
      assert.ok(uploadRate > 0);
      assert.deepEqual(session.traffic, {
        downloadRate: 0,
        uploadRate,
        downloadedBytes: 0,
        uploadedBytes,
      });
      await world.complete(leecher.torrent.whenComplete(), 60_000);
      await world.complete(session.remove(torrent));
      assert.deepEqual(session.traffic, {
        downloadRate: 0,
        uploadRate: 0,
        downloadedBytes: 0,
        uploadedBytes: 512 * KIB,
      });
      await world.complete(leecher.session.close());
      await world.complete(session.close());
    }));
});
