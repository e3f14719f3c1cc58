import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createGathering, type Gathering } from "./gathering.ts";

/** A gathering under a clock of its own, and the order in which jobs were let go. */
function createScene(): {
  gathering: Gathering;
  done: string[];
  join: (name: string) => void;
  pass: (ms: number) => Promise<void>;
} {
  let now = 0;
  let timer: { atMs: number; callback: () => void } | null = null;
  const done: string[] = [];
  const gathering = createGathering({
    size: 4,
    maxWaitMs: 8,
    nowMs: () => now,
    setTimer: (delayMs, callback) => {
      timer = { atMs: now + delayMs, callback };
      return () => (timer = null);
    },
  });
  return {
    gathering,
    done,
    join: (name) => void gathering.join().then(() => done.push(name)),
    async pass(ms) {
      now += ms;
      if (timer !== null && timer.atMs <= now) timer.callback();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

describe("a gathering", () => {
  it("lets jobs go at once while their pace is unknown or slow", async () => {
    const { join, pass, done } = createScene();
    join("a");
    await pass(0);
    assert.deepEqual(done, ["a"]);
    await pass(10);
    join("b");
    await pass(0);
    assert.deepEqual(done, ["a", "b"]);
  });

  it("lets jobs that come quickly go four at a time", async () => {
    const { join, pass, done } = createScene();
    join("first");
    await pass(1);
    for (const name of ["a", "b", "c"]) {
      join(name);
      await pass(1);
    }
    assert.deepEqual(done, ["first"]);
    join("d");
    await pass(0);
    assert.deepEqual(done, ["first", "a", "b", "c", "d"]);
  });

  it("lets an incomplete group go after its time", async () => {
    const { join, pass, done } = createScene();
    join("first");
    await pass(1);
    join("a");
    await pass(7);
    assert.deepEqual(done, ["first"]);
    await pass(1);
    assert.deepEqual(done, ["first", "a"]);
  });

  it("begins no group after a pause", async () => {
    const { join, pass, done } = createScene();
    join("first");
    await pass(1);
    join("a");
    await pass(8);
    await pass(40);
    join("b");
    await pass(0);
    assert.deepEqual(done, ["first", "a", "b"]);
  });
});
