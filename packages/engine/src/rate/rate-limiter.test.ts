import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Clock } from "@shoal/runtime";
import { createRateLimiter, type RateLimiter } from "./rate-limiter.ts";

interface FakeClock extends Clock {
  advance(durationMs: number): void;
  readonly pendingTimers: number;
  readonly firedTimers: number;
}

function createFakeClock(): FakeClock {
  let nowMs = 0;
  let firedTimers = 0;
  const timers = new Set<{ atMs: number; callback: () => void }>();
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    setTimer(delayMs, callback) {
      const timer = { atMs: nowMs + delayMs, callback };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    setRepeating: () => assert.fail("not used"),
    advance(durationMs) {
      const endMs = nowMs + durationMs;
      for (;;) {
        const [next] = [...timers].toSorted((a, b) => a.atMs - b.atMs);
        if (next === undefined || next.atMs > endMs) break;
        nowMs = Math.max(nowMs, next.atMs);
        timers.delete(next);
        firedTimers++;
        next.callback();
      }
      nowMs = endMs;
    },
    get pendingTimers() {
      return timers.size;
    },
    get firedTimers() {
      return firedTimers;
    },
  };
}

/** Takes as much as it gets, for ever, as a busy peer does. */
function startGreedy(
  limiter: RateLimiter,
  wantedBytes: number,
  weight?: number,
): { taken: number } {
  const greedy = { taken: 0 };
  function run(): void {
    for (;;) {
      const bytes = limiter.take(wantedBytes);
      if (bytes === 0) break;
      greedy.taken += bytes;
    }
    limiter.waitForMore(run, weight);
  }
  run();
  return greedy;
}

test("never grants more than the limit times the time and one burst", () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 50_000_000 }),
    fc.array(fc.tuple(fc.nat({ max: 3000 }), fc.nat({ max: 2_000_000 })), { maxLength: 100 }),
    (bytesPerSecond, steps) => {
      const clock = createFakeClock();
      const limiter = createRateLimiter({ clock, bytesPerSecond });
      const burst = Math.max(bytesPerSecond / 4, 16_384);
      let granted = 0;
      for (const [waitMs, wanted] of steps) {
        clock.advance(waitMs);
        const bytes = limiter.take(wanted);
        assert.ok(Number.isInteger(bytes) && bytes >= 0 && bytes <= wanted);
        granted += bytes;
        assert.ok(granted <= (bytesPerSecond * clock.monotonicMs()) / 1000 + burst + 1e-3);
      }
    },
  );
  fc.assert(property);
});

test("a busy caller gets the whole limit, to the burst and the last wake-up", () => {
  for (const bytesPerSecond of [1000, 100_000, 125_000_000]) {
    const clock = createFakeClock();
    const limiter = createRateLimiter({ clock, bytesPerSecond });
    const greedy = startGreedy(limiter, 16_384);
    clock.advance(60_000);
    const burst = Math.max(bytesPerSecond / 4, 16_384);
    assert.ok(greedy.taken <= bytesPerSecond * 60 + burst);
    assert.ok(greedy.taken >= bytesPerSecond * 60 + burst - Math.max(1024, bytesPerSecond / 9));
  }
});

test("waiters share a bucket equally, whatever they ask for", () => {
  const clock = createFakeClock();
  const limiter = createRateLimiter({ clock, bytesPerSecond: 1_000_000 });
  const all = [100, 16_384, 1_000_000, 16_384, 5000].map((wanted) => startGreedy(limiter, wanted));
  clock.advance(1000);
  const before = all.map((greedy) => greedy.taken);
  clock.advance(60_000);
  for (const [index, greedy] of all.entries()) {
    const share = greedy.taken - before[index]!;
    assert.ok(Math.abs(share - 12_000_000) < 12_000_000 * 0.02, `${share}`);
  }
});

test("weights count on slow lines too, where a round has less for the lightest than is worth a turn", () => {
  const clock = createFakeClock();
  const parent = createRateLimiter({ clock, bytesPerSecond: 200_000 });
  const weights = [...Array<number>(4).fill(2.2), ...Array<number>(8).fill(0.55), 0.28, 0.14, 0.14];
  const all = weights.map((weight) =>
    startGreedy(createRateLimiter({ clock, bytesPerSecond: null, parent }), 16_384, weight),
  );
  clock.advance(120_000);
  const sum = weights.reduce((a, b) => a + b, 0);
  const taken = all.reduce((a, b) => a + b.taken, 0);
  assert.ok(taken > 200_000 * 119, `${taken}`);
  for (const [index, weight] of weights.entries()) {
    const share = (all[index]!.taken / taken) * sum;
    assert.ok(Math.abs(share - weight) < weight * 0.1, `${index}: ${share} of ${weight}`);
  }
});

test("waiters share a bucket by their weights, and the lightest are not starved", () => {
  const clock = createFakeClock();
  const session = createRateLimiter({ clock, bytesPerSecond: 1_000_000 });
  const weights = [5, 3.5, 1, 0.4, 0.1];
  const all = weights.map((weight) =>
    startGreedy(
      createRateLimiter({ clock, bytesPerSecond: null, parent: session }),
      16_384,
      weight,
    ),
  );
  clock.advance(5000);
  const before = all.map((greedy) => greedy.taken);
  clock.advance(60_000);
  for (const [index, greedy] of all.entries()) {
    const share = (greedy.taken - before[index]!) / 6_000_000;
    assert.ok(Math.abs(share - weights[index]!) < weights[index]! * 0.05, `${index}: ${share}`);
  }
});

test("a newcomer does not take what others wait for", () => {
  const clock = createFakeClock();
  const limiter = createRateLimiter({ clock, bytesPerSecond: 10_000 });
  startGreedy(limiter, 16_384);
  clock.advance(50);
  assert.equal(limiter.take(1), 0);
});

test("who waits for its own limit does not make others wait", () => {
  const clock = createFakeClock();
  const session = createRateLimiter({ clock, bytesPerSecond: 1_000_000 });
  startGreedy(createRateLimiter({ clock, bytesPerSecond: 100, parent: session }), 16_384);
  clock.advance(1000);
  assert.equal(session.take(16_384), 16_384);
});

test("a bucket grants no more than its parents: peer within torrent within session", () => {
  const clock = createFakeClock();
  const session = createRateLimiter({ clock, bytesPerSecond: 300_000 });
  const slow = createRateLimiter({ clock, bytesPerSecond: 50_000, parent: session });
  const free = createRateLimiter({ clock, bytesPerSecond: null, parent: session });
  const peers = [slow, slow, free, free].map((parent, index) =>
    startGreedy(
      createRateLimiter({ clock, bytesPerSecond: index === 2 ? 20_000 : null, parent }),
      16_384,
    ),
  );
  clock.advance(2000);
  const before = peers.map((peer) => peer.taken);
  clock.advance(100_000);
  const rates = peers.map((peer, index) => (peer.taken - before[index]!) / 100);
  const expected = [25_000, 25_000, 20_000, 230_000];
  for (const [index, rate] of rates.entries()) {
    assert.ok(Math.abs(rate - expected[index]!) < expected[index]! * 0.05, rates.join());
  }
});

test("two busy levels starve nobody", () => {
  const clock = createFakeClock();
  const session = createRateLimiter({ clock, bytesPerSecond: 100_000 });
  const torrents = [60_000, 70_000].map((bytesPerSecond) =>
    createRateLimiter({ clock, bytesPerSecond, parent: session }),
  );
  const peers = torrents.flatMap((torrent) => [1, 2, 3].map(() => startGreedy(torrent, 16_384)));
  clock.advance(100_000);
  const total = peers.reduce((sum, peer) => sum + peer.taken, 0);
  assert.ok(total > 9_900_000 && total <= 10_000_000 + 25_000, `${total}`);
  for (const peer of peers) assert.ok(peer.taken > 1_200_000, `${peer.taken}`);
});

test("no limit costs nothing and waits for nothing", () => {
  const clock = createFakeClock();
  const session = createRateLimiter({ clock, bytesPerSecond: null });
  const peer = createRateLimiter({ clock, bytesPerSecond: null, parent: session });
  assert.equal(peer.take(1e9), 1e9);
  assert.equal(clock.pendingTimers, 0);
});

test("a thousand waiters cost one timer, and fifty wake-ups a second at most", () => {
  const clock = createFakeClock();
  const limiter = createRateLimiter({ clock, bytesPerSecond: 10_000_000 });
  for (let waiter = 0; waiter < 1000; waiter++) startGreedy(limiter, 16_384);
  assert.equal(clock.pendingTimers, 1);
  clock.advance(1000);
  assert.equal(clock.pendingTimers, 1);
  assert.ok(clock.firedTimers <= 51, `${clock.firedTimers}`);
});

test("limit 0 lets nothing pass until it is raised", () => {
  const clock = createFakeClock();
  const limiter = createRateLimiter({ clock, bytesPerSecond: 0 });
  const greedy = startGreedy(limiter, 100);
  clock.advance(10_000);
  assert.equal(greedy.taken, 0);
  limiter.setLimit(100_000);
  clock.advance(1000);
  assert.ok(greedy.taken > 90_000 && greedy.taken <= 100_000);
  assert.throws(() => limiter.setLimit(-1), RangeError);
  assert.throws(() => limiter.setLimit(Number.NaN), RangeError);
});

test("a lifted limit wakes everybody who waits", () => {
  const clock = createFakeClock();
  const limiter = createRateLimiter({ clock, bytesPerSecond: 1000 });
  limiter.take(1e9);
  const woken: number[] = [];
  for (const waiter of [1, 2, 3]) {
    limiter.waitForMore(() => woken.push(waiter, limiter.take(1_000_000)));
  }
  limiter.setLimit(null);
  clock.advance(1);
  assert.deepEqual(woken, [1, 1_000_000, 2, 1_000_000, 3, 1_000_000]);
});

test("a cancelled waiter is not called, and the last one leaves no timer behind", () => {
  const clock = createFakeClock();
  const limiter = createRateLimiter({ clock, bytesPerSecond: 1000 });
  limiter.take(1e9);
  const waiting = limiter.waitForMore(() => assert.fail("cancelled"));
  waiting.cancel();
  waiting.cancel();
  assert.equal(clock.pendingTimers, 0);
  clock.advance(60_000);
});
