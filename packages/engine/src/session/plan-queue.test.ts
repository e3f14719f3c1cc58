import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planQueue, type Queued, type QueueLimits } from "./plan-queue.ts";

const DOWNLOAD: Queued = { isWanted: true, isManaged: true, isSeed: false, isSlow: false };
const SEED: Queued = { ...DOWNLOAD, isSeed: true };

function plan(queue: readonly Queued[], limits: QueueLimits): string {
  return planQueue(queue, limits)
    .map((runs) => (runs ? "1" : "0"))
    .join("");
}

describe("the plan of the queue", () => {
  it("lets all run without limits, but for those that are paused", () => {
    const paused = { ...DOWNLOAD, isWanted: false };
    assert.equal(plan([DOWNLOAD, paused, SEED], {}), "101");
    assert.equal(plan([DOWNLOAD, paused, SEED], { activeLimit: null }), "101");
  });

  it("counts downloads and seeds apart, in order", () => {
    const queue = [DOWNLOAD, SEED, DOWNLOAD, SEED, DOWNLOAD];
    assert.equal(plan(queue, { activeDownloads: 2 }), "11110");
    assert.equal(plan(queue, { activeSeeds: 1 }), "11101");
    assert.equal(plan(queue, { activeDownloads: 0, activeSeeds: 0 }), "00000");
  });

  it("gives downloads the places of all before seeds", () => {
    assert.equal(plan([SEED, DOWNLOAD, SEED, DOWNLOAD], { activeLimit: 3 }), "1101");
  });

  it("does not count slow torrents, but among all", () => {
    const slow = { ...DOWNLOAD, isSlow: true };
    assert.equal(plan([slow, slow, DOWNLOAD, DOWNLOAD], { activeDownloads: 1 }), "1110");
    const limits = { activeDownloads: 1, activeLimit: 2 };
    assert.equal(plan([slow, slow, DOWNLOAD], limits), "110");
    assert.equal(plan([slow, DOWNLOAD], { activeDownloads: 1, ignoreSlow: false }), "10");
  });

  it("leaves those out of the queue alone: they run, and take no place", () => {
    const forced = { ...DOWNLOAD, isManaged: false };
    assert.equal(plan([forced, DOWNLOAD, DOWNLOAD], { activeDownloads: 1, activeLimit: 1 }), "110");
    assert.equal(plan([{ ...forced, isWanted: false }], {}), "0");
  });
});
