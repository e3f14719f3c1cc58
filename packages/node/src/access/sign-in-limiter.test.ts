import assert from "node:assert/strict";
import { test } from "node:test";
import { SignInLimiter } from "./sign-in-limiter.ts";

/** Attempts until one is refused. */
function attempts(limiter: SignInLimiter, address: string, nowMs: number): number {
  let count = 0;
  while (limiter.begin(address, nowMs) === 0) count++;
  return count;
}

test("pauses begin after five attempts at 5 s and double up to an hour", () => {
  const limiter = new SignInLimiter(0);
  assert.equal(attempts(limiter, "10.0.0.1", 0), 5);
  const waits = [];
  let nowMs = 0;
  for (let count = 0; count < 13; count++) {
    const waitMs = limiter.begin("10.0.0.1", nowMs);
    waits.push(waitMs / 1000);
    nowMs += waitMs;
    assert.equal(limiter.begin("10.0.0.1", nowMs), 0);
  }
  assert.deepEqual(waits, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]);
});

test("addresses of one /64 network count as one, and an IPv4 address as itself", () => {
  const limiter = new SignInLimiter(0);
  assert.equal(attempts(limiter, "2001:db8::1", 0), 5);
  assert.ok(limiter.begin("2001:db8:0:0:ffff::2", 0) > 0);
  assert.equal(limiter.begin("2001:db8:0:1::1", 0), 0);
  assert.equal(attempts(limiter, "10.0.0.1", 0), 5);
  assert.equal(attempts(limiter, "10.0.0.2", 0), 5);
});

test("a right password clears what was held against its address, and is not counted among all", () => {
  const limiter = new SignInLimiter(0);
  for (let count = 0; count < 1000; count++) {
    assert.equal(limiter.begin("10.0.0.1", 0), 0);
    limiter.succeed("10.0.0.1");
  }
  assert.equal(attempts(limiter, "10.0.0.1", 0), 5);
});

test("however many addresses come, memory stays within its bound and the rate within its own", () => {
  const limiter = new SignInLimiter(0);
  let allowed = 0;
  for (let index = 0; index < 30_000; index++) {
    const address = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
    if (limiter.begin(address, index * 1000) === 0) allowed++;
  }
  // 30,000 s: 50, and one every 300 s.
  assert.equal(allowed, 50 + 99);
});
