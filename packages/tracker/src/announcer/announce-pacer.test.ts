import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "@shoal/runtime/sim";
import { createAnnouncePacer, type LeaveTracker } from "./announce-pacer.ts";

const never = new AbortController().signal;

function withPacer(
  run: (
    pacer: ReturnType<typeof createAnnouncePacer>,
    clock: { runTo: (ms: number) => Promise<void>; nowMs: () => number },
  ) => Promise<void>,
): () => Promise<void> {
  return () =>
    withWorld({ seed: 1 }, async (world) => {
      const { clock } = world.host({ address: "9.0.0.1" });
      await run(createAnnouncePacer({ clock }), {
        runTo: (ms) => world.run({ untilMs: ms }),
        nowMs: () => world.timeMs,
      });
    });
}

test(
  "a thousand torrents of one tracker begin 5 ms apart at the least, 16 under way at most",
  withPacer(async (pacer, { runTo, nowMs }) => {
    const leaves: LeaveTracker[] = [];
    const times: number[] = [];
    for (let index = 0; index < 1000; index++) {
      void pacer.enter("http://t/announce", "ordinary", never).then((leave) => {
        leaves.push(leave!);
        times.push(nowMs());
      });
    }
    await runTo(1000);
    assert.equal(times.length, 16);
    assert.deepEqual(times.slice(0, 4), [0, 5, 10, 15]);
    for (let ms = 1005; times.length < 1000; ms += 5) {
      leaves.shift()!(true);
      await runTo(ms);
    }
    assert.ok(nowMs() >= 1000 + 984 * 5 - 10);
  }),
);

test(
  "torrents that want peers go first, and goodbyes wait for nobody",
  withPacer(async (pacer, { runTo }) => {
    const order: string[] = [];
    const enter = (name: string, urgency: "urgent" | "ordinary" | "leaving") =>
      void pacer.enter("udp://t:1", urgency, never).then((leave) => {
        order.push(name);
        leave!(true);
      });
    enter("first seed", "ordinary");
    enter("second seed", "ordinary");
    enter("download", "urgent");
    enter("goodbye", "leaving");
    await runTo(100);
    assert.deepEqual(order, ["first seed", "goodbye", "download", "second seed"]);
  }),
);

test(
  "a host is busy while somebody waits for a turn at it",
  withPacer(async (pacer, { runTo }) => {
    assert.equal(pacer.isBusy("http://t/announce"), false);
    const first = await pacer.enter("http://t/announce", "ordinary", never);
    const second = pacer.enter("http://t/announce", "ordinary", never);
    assert.deepEqual([pacer.isBusy("http://t/other"), pacer.isBusy("http://u/")], [true, false]);
    await runTo(10);
    (await second)!(true);
    assert.equal(pacer.isBusy("http://t/announce"), false);
    first!(true);
  }),
);

test(
  "a tracker that fails for eight torrents is left alone by all of them for half a minute",
  withPacer(async (pacer, { runTo }) => {
    let asked = 0;
    let sentAway = 0;
    const askInVain = async (): Promise<void> => {
      const leave = await pacer.enter("http://down/announce", "ordinary", never);
      if (leave === null) sentAway++;
      else asked++;
      leave?.(false);
    };
    for (let index = 0; index < 50; index++) void askInVain();
    await runTo(1000);
    assert.deepEqual([asked, sentAway], [8, 42]);
    assert.equal(await pacer.enter("http://down/announce", "urgent", never), null);
    assert.notEqual(await pacer.enter("http://up/announce", "urgent", never), null);
    await runTo(40_000);
    const leave = await pacer.enter("http://down/announce", "urgent", never);
    leave!(true);
    await runTo(40_010);
    assert.notEqual(await pacer.enter("http://down/announce", "urgent", never), null);
  }),
);

test(
  "who gives up while it waits has no turn",
  withPacer(async (pacer) => {
    const leave = await pacer.enter("http://t/", "ordinary", never);
    const giving = new AbortController();
    const waiting = pacer.enter("http://t/", "ordinary", giving.signal);
    giving.abort();
    assert.equal(await waiting, null);
    assert.equal(await pacer.enter("http://t/", "ordinary", giving.signal), null);
    leave!(true);
  }),
);
