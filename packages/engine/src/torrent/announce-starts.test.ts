import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import { AnnounceStarts } from "./announce-starts.ts";

test("a hundred seeds begin to announce at once, the others at 200 a second, downloads before them", () =>
  withWorld({ seed: 1 }, async (world) => {
    const { clock } = world.host({ address: "10.0.0.1" });
    const starts = new AnnounceStarts(clock);
    const begun: string[] = [];
    const create = (name: string) => ({ begin: () => void begun.push(name) });
    const seeds = Array.from({ length: 500 }, (_, index) => create(`seed ${index}`));
    for (const seed of seeds) starts.enter(seed, false);
    assert.equal(begun.length, 100);

    starts.enter(create("download"), true);
    assert.equal(begun.at(-1), "download");
    // One that is in a hurry now does not begin twice, one that has left not at all.
    starts.enter(seeds[499]!, true);
    starts.leave(seeds[498]!);
    starts.enter(seeds[497]!, false);
    await world.run({ untilMs: world.timeMs + 1000 });
    assert.equal(begun.length, 302);
    assert.equal(begun.at(-1), "seed 299");

    await world.run({ untilMs: world.timeMs + 10_000 });
    assert.equal(begun.length, 500);
    assert.equal(new Set(begun).size, 500);
    assert.ok(!begun.includes("seed 498"));
    starts.enter(create("late"), false);
    assert.equal(begun.at(-1), "late");
    // Nobody waits: no timer is left.
    await assert.rejects(
      world.run({ until: () => false, limitMs: world.timeMs + 60_000 }),
      /Nothing is left to happen/,
    );
  }));
