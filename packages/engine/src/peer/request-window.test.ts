import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RequestWindow } from "./request-window.ts";

const BLOCK = 16 * 1024;

/** A peer on a line of this rate and round trip, asked with the window's pipeline. @returns blocks received. */
function drive(
  window: RequestWindow,
  path: { bytesPerSecond: number; roundTripMs: number },
  fromMs: number,
  untilMs: number,
): number {
  const serviceMs = (BLOCK / path.bytesPerSecond) * 1000;
  const sent: number[] = [];
  let lineFreeMs = fromMs;
  let received = 0;
  for (let nowMs = fromMs; nowMs < untilMs;) {
    while (sent.length < window.target) sent.push(nowMs);
    const askedMs = sent.shift()!;
    lineFreeMs = Math.max(lineFreeMs, askedMs + path.roundTripMs) + serviceMs;
    nowMs = lineFreeMs;
    window.received(nowMs, BLOCK, nowMs - askedMs);
    received++;
  }
  return received;
}

describe("the window of requests", () => {
  it("begins with 16 blocks", () => {
    assert.equal(new RequestWindow().target, 16);
  });

  it("slow start: reaches a fast, far peer's rate within a few round trips", () => {
    const window = new RequestWindow();
    window.setMost(2000);
    const path = { bytesPerSecond: 20e6, roundTripMs: 100 };
    drive(window, path, 0, 1500);
    const received = drive(window, path, 1500, 3500);
    assert.ok(received * BLOCK > 0.9 * 2 * path.bytesPerSecond, `${received} blocks in 2 s`);
  });

  it("plateau: holds two round trips and half a second, not more", () => {
    const window = new RequestWindow();
    window.setMost(2000);
    const path = { bytesPerSecond: 2e6, roundTripMs: 50 };
    drive(window, path, 0, 10_000);
    const fair = (path.bytesPerSecond * 0.6) / BLOCK;
    assert.ok(
      window.target >= fair * 0.8 && window.target <= fair * 1.6,
      `${window.target}, not ${fair}`,
    );
  });

  it("a slow peer is asked for little at a time, and for four blocks at least", () => {
    const window = new RequestWindow();
    drive(window, { bytesPerSecond: 5000, roundTripMs: 100 }, 0, 60_000);
    assert.ok(window.target >= 4 && window.target <= 16, `${window.target}`);
  });

  it("follows a peer that slows down", () => {
    const window = new RequestWindow();
    window.setMost(2000);
    drive(window, { bytesPerSecond: 10e6, roundTripMs: 50 }, 0, 5000);
    const before = window.target;
    drive(window, { bytesPerSecond: 1e6, roundTripMs: 50 }, 5000, 15_000);
    assert.ok(window.target < before / 3, `${before} became ${window.target}`);
  });

  it("on a path without delay it holds no more than 256 blocks: more only spills caches", () => {
    const window = new RequestWindow();
    window.setMost(2000);
    drive(window, { bytesPerSecond: 1e9, roundTripMs: 0.1 }, 0, 2000);
    assert.ok(window.target <= 256, `${window.target}`);
  });

  it("BEP 10: never asks for more than the other side's reqq, and 2000", () => {
    const window = new RequestWindow();
    window.setMost(10);
    drive(window, { bytesPerSecond: 50e6, roundTripMs: 100 }, 0, 3000);
    assert.equal(window.target, 10);
    window.setMost(0);
    assert.equal(window.target, 1);
    const eager = new RequestWindow();
    eager.setMost(1e9);
    drive(eager, { bytesPerSecond: 500e6, roundTripMs: 400 }, 0, 10_000);
    assert.ok(eager.target <= 2000, `${eager.target}`);
  });

  it("collapses to one block for a peer that stopped, and grows again with its first answers", () => {
    const window = new RequestWindow();
    const path = { bytesPerSecond: 2e6, roundTripMs: 50 };
    drive(window, path, 0, 2000);
    window.collapse();
    assert.equal(window.target, 1);
    drive(window, path, 30_000, 33_000);
    assert.ok(window.target > 16, `${window.target}`);
  });

  it("knows the quickest round trip", () => {
    const window = new RequestWindow();
    assert.equal(window.leastLatencyMs, Infinity);
    window.received(10, BLOCK, 30);
    window.received(20, BLOCK, 20);
    window.received(30, BLOCK, 25);
    assert.equal(window.leastLatencyMs, 20);
  });
});
