import assert from "node:assert/strict";
import { test } from "node:test";
import { Backlog } from "./backlog.ts";

const MIB = 2 ** 20;

test("a backlog is full at 8 MiB, and tells once when it is no more", () => {
  const backlog = new Backlog(MIB);
  for (let piece = 0; piece < 9; piece++) {
    assert.equal(backlog.isFull, piece === 8);
    backlog.add(MIB);
  }
  assert.deepEqual(
    [backlog.remove(MIB), backlog.remove(MIB), backlog.remove(MIB)],
    [false, true, false],
  );
});

test("of pieces of any length two fit", () => {
  const backlog = new Backlog(64 * MIB);
  backlog.add(64 * MIB);
  assert.equal(backlog.isFull, false);
  backlog.add(64 * MIB);
  assert.equal(backlog.isFull, true);
});
