import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Random } from "@shoal/runtime";
import { type Search, SearchSchedule } from "./search-schedule.ts";

/** Nothing drifts: the middle of every spread. */
const random = { integer: (below: number) => (below - 1) / 2 } as Random;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A search that notes when it ran. */
function createSearch(seconds: number[], nowS: () => number, isUrgent = false): Search {
  return {
    isUrgent,
    run: () => {
      seconds.push(nowS());
      return Promise.resolve(1_500_000);
    },
  };
}

suite("the searches of a session", () => {
  test("limit: DHT searches of torrents: ten thousand begin eight a second", async () => {
    const schedule = new SearchSchedule(random, 0);
    const starts: number[] = [];
    let nowS = 0;
    const search = createSearch(starts, () => nowS);
    for (let i = 0; i < 10_000; i++) schedule.add(search);
    assert.equal(schedule.waiting, 10_000);
    for (nowS = 1; nowS <= 1250; nowS++) {
      schedule.tick(nowS * 1000, true);
      await settle();
      assert.equal(starts.length, 8 * nowS);
    }
    assert.equal(schedule.waiting, 0);
    // The second round comes at the pace of the first.
    for (; nowS <= 1600; nowS++) {
      schedule.tick(nowS * 1000, true);
      await settle();
    }
    assert.equal(starts.filter((second) => second > 1250).length, 8 * (1600 - 1500));
  });

  test("limit: DHT searches under way: a seventeenth waits for one to end", async () => {
    const schedule = new SearchSchedule(random, 0);
    const ends: (() => void)[] = [];
    const search: Search = {
      isUrgent: true,
      run: () => new Promise((resolve) => ends.push(() => resolve(null))),
    };
    for (let i = 0; i < 40; i++) schedule.add(search);
    for (let second = 1; second < 10; second++) schedule.tick(second * 1000, true);
    assert.equal(schedule.running, 16);
    ends[0]!();
    await settle();
    assert.equal(ends.length, 17);
  });

  test("those that hurry go first, and never all of the time", async () => {
    const schedule = new SearchSchedule(random, 0);
    const [urgent, ordinary]: [number[], number[]] = [[], []];
    for (let i = 0; i < 100; i++) schedule.add(createSearch(ordinary, () => 0));
    for (let i = 0; i < 100; i++) schedule.add(createSearch(urgent, () => 0, true));
    schedule.tick(1000, true);
    await settle();
    assert.deepEqual([urgent.length, ordinary.length], [6, 2]);
  });

  test("nothing begins before it makes sense, or when it was taken out", async () => {
    const schedule = new SearchSchedule(random, 0);
    const starts: number[] = [];
    const remove = schedule.add(createSearch(starts, () => 0, true));
    schedule.tick(1000, false);
    await settle();
    assert.equal(starts.length, 0);
    remove();
    schedule.tick(2000, true);
    await settle();
    assert.equal(starts.length, 0);
    assert.equal(schedule.waiting, 0);
  });
});
