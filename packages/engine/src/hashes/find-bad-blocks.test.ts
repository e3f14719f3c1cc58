import assert from "node:assert/strict";
import { test } from "node:test";
import { findBadBlocks } from "./find-bad-blocks.ts";

test("names the blocks whose leaves differ", () => {
  const expected = Buffer.alloc(9 * 32, 7);
  const leaves = Buffer.from(expected);
  leaves[0]! ^= 1;
  leaves[8 * 32 + 31]! ^= 1;
  assert.deepEqual(findBadBlocks(leaves, expected), [0, 8]);
  assert.deepEqual(findBadBlocks(expected, expected), []);
});

test("refuses leaves of another number of blocks", () => {
  assert.throws(() => findBadBlocks(Buffer.alloc(32), Buffer.alloc(64)), RangeError);
});
