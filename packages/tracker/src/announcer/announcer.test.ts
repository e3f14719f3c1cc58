import assert from "node:assert/strict";
import { test } from "node:test";
import { TrackerError } from "../errors.ts";
import { V1, withTrackers } from "../testing/scripted-trackers.ts";
import type { Announcer, TrackerStatus } from "./announcer.ts";

const V2 = new Uint8Array(20).fill(2);

const find = (announcer: Announcer, url: string): TrackerStatus =>
  announcer.status().find((status) => status.url === url)!;

test(
  "BEP 3: starts, announces at the tracker's interval, completes, and stops when closed",
  withTrackers(async ({ world, trackers, start, runTo }) => {
    trackers.answers.set("a", { intervalS: 600 });
    let leftBytes = 9;
    const announcer = start({ stats: () => ({ uploadedBytes: 1, downloadedBytes: 2, leftBytes }) });
    await runTo(700);
    leftBytes = 0;
    announcer.completed();
    announcer.completed();
    await runTo(710);
    await world.complete(announcer.close());
    assert.deepEqual(trackers.log, ["0 a started", "600 a -", "700 a completed", "710 a stopped"]);
    const stopped = trackers.sent.at(-1)!.request;
    assert.deepEqual([stopped.numWant, stopped.leftBytes, stopped.uploadedBytes], [0, 0, 1]);
    assert.equal(new Set(trackers.sent.map(({ request }) => request.key)).size, 1);
    await runTo(10_000);
    assert.equal(trackers.log.length, 4);
  }),
);

test(
  "a download that completes before the start is acknowledged is completed right after",
  withTrackers(async ({ trackers, start, runTo }) => {
    trackers.answers.set("a", {});
    const announcer = start();
    await runTo(0.05);
    announcer.completed();
    await runTo(10);
    assert.deepEqual(trackers.log, ["0 a started", "0 a completed"]);
  }),
);

test(
  "who starts as a seeder has completed nothing",
  withTrackers(async ({ trackers, start, runTo }) => {
    trackers.answers.set("a", {});
    const announcer = start({
      stats: () => ({ uploadedBytes: 0, downloadedBytes: 0, leftBytes: 0 }),
    });
    await runTo(1);
    announcer.completed();
    await runTo(10);
    assert.equal(
      trackers.sent.some(({ event }) => event === "completed"),
      false,
    );
  }),
);

test(
  "peers are handed on with their tracker and swarm; a hybrid torrent is announced in both swarms",
  withTrackers(async ({ trackers, start, runTo }) => {
    trackers.answers.set("a", ({ infoHash }) =>
      infoHash === V1
        ? { peers: [{ address: "1.1.1.1", port: 1 }], externalIp: "9.9.9.9", seeders: 4 }
        : new TrackerError("failure", "a", "unknown torrent"),
    );
    const seen: unknown[] = [];
    const announcer = start({
      infoHashes: [V1, V2],
      onPeers: (peers, source) => seen.push([peers, source]),
    });
    await runTo(1);
    assert.deepEqual(
      trackers.sent.map(({ request }) => request.infoHash),
      [V1, V2],
    );
    assert.deepEqual(seen, [
      [
        [{ address: "1.1.1.1", port: 1 }],
        { trackerUrl: "a", infoHash: V1, externalIp: "9.9.9.9", leechers: null },
      ],
    ]);
    const status = find(announcer, "a");
    assert.deepEqual([status.state, status.seeders, status.peers], ["working", 4, 1]);
  }),
);

test(
  "BEP 12: tiers are tried in order, and what works moves to the front of its tier",
  withTrackers(async ({ trackers, start, runTo }) => {
    trackers.answers.set("d", { intervalS: 100 });
    const announcer = start({ tiers: [["a"], ["b", "c", "d"], ["e"]] });
    await runTo(1);
    const tried = trackers.sent.map(({ url }) => url);
    assert.equal(tried[0], "a");
    assert.equal(tried.at(-1), "d");
    assert.equal(tried.includes("e"), false);
    const tier = announcer.status().filter((status) => status.tier === 1);
    assert.equal(tier[0]!.url, "d");
    assert.equal(find(announcer, "a").error, "It is down.");
    assert.equal(find(announcer, "e").state, "idle");
    // The next round begins at the front again: with what has been down, if its back-off is over.
    trackers.answers.set("a", { intervalS: 100 });
    await runTo(102);
    assert.equal(trackers.log.at(-1), "100 a started");
  }),
);

test(
  "BEP 12: a tier is shuffled",
  withTrackers(async ({ start }) => {
    const urls = Array.from({ length: 8 }, (_, index) => `t${index}`);
    const orders = new Set<string>();
    for (let i = 0; i < 10; i++) {
      const announcer = start({ tiers: [urls] });
      orders.add(
        announcer
          .status()
          .map(({ url }) => url)
          .join(),
      );
      await announcer.close();
    }
    assert.ok(orders.size > 8);
  }),
);

test(
  "a silent tracker does not keep the next one waiting",
  withTrackers(async ({ trackers, start, runTo }) => {
    trackers.answers.set("a", "silence");
    trackers.answers.set("b", "silence");
    trackers.answers.set("c", {});
    const announcer = start({ tiers: [["a"], ["b"], ["c"]] });
    await runTo(7);
    assert.deepEqual(trackers.log, ["0 a started", "3 b started", "6 c started"]);
    assert.equal(find(announcer, "c").state, "working");
    await runTo(60);
    assert.equal(find(announcer, "a").errorCode, "timeout");
    assert.equal(trackers.log.length, 3);
  }),
);

test(
  "every tier is announced to when asked for, as magnet links mean it",
  withTrackers(async ({ trackers, start, runTo }) => {
    trackers.answers.set("a", {});
    trackers.answers.set("c", {});
    start({ tiers: [["a"], ["b"], ["c"]], everyTier: true });
    await runTo(1);
    assert.deepEqual(trackers.log, ["0 a started", "0 b started", "0 c started"]);
  }),
);

test(
  "failures back off, doubling, with jitter, to half an hour at most",
  withTrackers(async ({ trackers, start, runTo }) => {
    const announcer = start();
    await runTo(4 * 3600);
    const gaps = trackers.sent.slice(1).map(({ atS }, index) => atS - trackers.sent[index]!.atS);
    for (const [index, gap] of gaps.entries()) {
      const expected = Math.min(15 * 2 ** index, 1800);
      assert.ok(gap >= expected * 0.8 - 1 && gap <= expected * 1.2 + 1, `gap ${index}: ${gap} s`);
    }
    assert.ok(gaps.length >= 10);
    assert.ok(find(announcer, "a").nextAnnounceMs !== null);
    trackers.answers.set("a", {});
    announcer.announceNow();
    await runTo(4 * 3600 + 1);
    assert.equal(find(announcer, "a").state, "working");
  }),
);

test(
  "BEP 31: a tracker that says when to come back is believed, and one that says never is left alone",
  withTrackers(async ({ trackers, start, runTo }) => {
    const refuse = (url: string, retryInMinutes: number | "never"): TrackerError =>
      new TrackerError("failure", url, "no", { retryInMinutes });
    trackers.answers.set("a", refuse("a", 10));
    trackers.answers.set("b", refuse("b", "never"));
    const announcer = start({ tiers: [["a"], ["b"]] });
    await runTo(24 * 3600);
    const times = trackers.sent.filter(({ url }) => url === "a").map(({ atS }) => atS);
    assert.deepEqual(times.slice(0, 3), [0, 600, 1200]);
    assert.equal(trackers.sent.filter(({ url }) => url === "b").length, 1);
    assert.equal(find(announcer, "b").nextAnnounceMs, null);
  }),
);

test(
  "an announce on demand waits for the tracker's min interval",
  withTrackers(async ({ world, trackers, start, runTo }) => {
    trackers.answers.set("a", { intervalS: 1800, minIntervalS: 300 });
    const announcer = start();
    await runTo(100);
    announcer.announceNow();
    announcer.announceNow();
    const { nextAnnounceMs, lastAnnounceMs } = find(announcer, "a");
    assert.equal(nextAnnounceMs! - lastAnnounceMs!, 300_000);
    await runTo(1000);
    assert.deepEqual(trackers.log, ["0 a started", "300 a -"]);
    await world.complete(announcer.close());
  }),
);

test(
  "an interval of nothing does not become a flood",
  withTrackers(async ({ trackers, start, runTo }) => {
    trackers.answers.set("a", { intervalS: 0 });
    start();
    await runTo(100);
    assert.deepEqual(trackers.log, ["0 a started", "30 a -", "60 a -", "90 a -"]);
  }),
);

test(
  "the tracker ID is sent back",
  withTrackers(async ({ trackers, start, runTo }) => {
    trackers.answers.set("a", ({ event }) => ({
      intervalS: 60,
      ...(event && { trackerId: "xyz" }),
    }));
    start();
    await runTo(130);
    assert.deepEqual(
      trackers.sent.map(({ request }) => request.trackerId),
      [undefined, "xyz", "xyz"],
    );
  }),
);

test(
  "a tracker that is added is asked at once when none works, and listed once",
  withTrackers(async ({ trackers, start, runTo }) => {
    let changes = 0;
    const announcer = start({ tiers: [], onState: () => changes++ });
    await runTo(5);
    trackers.answers.set("b", {});
    announcer.addTracker("b");
    announcer.addTracker("b");
    await runTo(6);
    announcer.addTracker("c");
    await runTo(7);
    assert.deepEqual(trackers.log, ["5 b started"]);
    assert.deepEqual(
      announcer.status().map(({ url, tier }) => [url, tier]),
      [
        ["b", 0],
        ["c", 1],
      ],
    );
    assert.ok(changes >= 4);
  }),
);

test(
  "closing does not wait longer than 3 s for a silent tracker, nor call back",
  withTrackers(async ({ world, trackers, start, runTo }) => {
    trackers.answers.set("a", ({ event }) => (event === "stopped" ? "silence" : {}));
    const announcer = start({ onPeers: () => assert.ok(world.timeMs < 1000) });
    await runTo(1);
    await world.complete(Promise.all([announcer.close(), announcer.close()]));
    assert.equal(world.timeMs, 4000);
    assert.deepEqual(trackers.log, ["0 a started", "1 a stopped"]);
    announcer.announceNow();
    announcer.addTracker("z");
    await runTo(100);
    assert.equal(trackers.log.length, 2);
  }),
);

test(
  "closing before the first answer cancels it and stops nothing",
  withTrackers(async ({ world, trackers, start, runTo }) => {
    trackers.answers.set("a", "silence");
    const announcer = start();
    await runTo(1);
    await world.complete(announcer.close());
    assert.equal(world.timeMs, 1000);
    assert.deepEqual(trackers.log, ["0 a started"]);
  }),
);

test(
  "trackers that a torrent repeats are asked once",
  withTrackers(async ({ start }) => {
    const announcer = start({ tiers: [["a", "b"], ["a"], ["b", "c"]] });
    assert.equal(announcer.status().length, 3);
    await announcer.close();
  }),
);

test(
  "another port is told at once, also while an announce of the old one is under way",
  withTrackers(async ({ trackers, start, runTo }) => {
    trackers.answers.set("a", { intervalS: 1800, minIntervalS: 900 });
    let port = 6881;
    const announcer = start({
      port: () => port,
      onPeers: () => {
        if (port === 6881) port = 40_001;
      },
    });
    await runTo(10);
    const told = () => trackers.sent.map(({ atS, request }) => [atS, request.port]);
    assert.deepEqual(told(), [
      [0, 6881],
      [0, 40_001],
    ]);
    port = 40_002;
    announcer.portChanged();
    await runTo(1000);
    assert.deepEqual(told().slice(2), [[10, 40_002]]);
    await runTo(2000);
    assert.deepEqual(told().slice(3), [[1810, 40_002]]);
    void announcer.close();
  }),
);
