import assert from "node:assert/strict";
import { test } from "node:test";
import { hasShaInstructions } from "./sha-instructions.ts";

/** A clock on which the two hashes take these times in turn, and one round is disturbed. */
function createClock(sha1Ms: number, sha256Ms: number): () => number {
  let nowMs = 0;
  let calls = 0;
  return () => {
    const call = calls++;
    if (call % 4 === 1) nowMs += sha1Ms;
    if (call % 4 === 3) nowMs += sha256Ms + (call === 3 ? 100 : 0);
    return nowMs;
  };
}

test("a SHA-256 about as fast as a SHA-1 comes of SHA instructions", () => {
  assert.equal(hasShaInstructions(createClock(1, 1.1)), true);
  assert.equal(hasShaInstructions(createClock(1, 2.2)), false);
});
