import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Clock, StreamSocket } from "@shoal/runtime";
import { type SimWorld, withWorld } from "@shoal/runtime/sim";
import { type Dial, raceDials } from "./dial-race.ts";

interface Made {
  readonly socket: StreamSocket;
  isDestroyed: boolean;
}

function makeSocket(): Made {
  const made: Made = {
    socket: { destroy: () => (made.isDestroyed = true) } as unknown as StreamSocket,
    isDestroyed: false,
  };
  return made;
}

/** A way that leads to `socket`, or fails, after some time, whatever the signal says. */
function after(clock: Clock, delayMs: number, result: Made | Error): Dial {
  return async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.setTimer(delayMs, resolve);
    await promise;
    if (result instanceof Error) throw result;
    return result.socket;
  };
}

async function withClock(body: (clock: Clock, world: SimWorld) => Promise<void>): Promise<void> {
  await withWorld({}, async (world) => body(world.host({ address: "10.0.0.1" }).clock, world));
}

suite("racing dials", () => {
  test("the first way wins within its head start, and the second is never tried", async () => {
    await withClock(async (clock, world) => {
      const first = makeSocket();
      const ways = {
        first: after(clock, 900, first),
        second: () => assert.fail("the second way was tried"),
        headStartMs: 1000,
      };
      assert.equal(await world.complete(raceDials(clock, ways, undefined)), first.socket);
      await world.run({ untilMs: 5000 });
    });
  });

  test("the second way starts when the first has failed, at once", async () => {
    await withClock(async (clock, world) => {
      const second = makeSocket();
      const ways = {
        first: after(clock, 5, new Error("refused")),
        second: after(clock, 5, second),
        headStartMs: 1000,
      };
      assert.equal(await world.complete(raceDials(clock, ways, undefined)), second.socket);
      assert.ok(world.timeMs < 20);
    });
  });

  test("whoever comes second is closed", async () => {
    await withClock(async (clock, world) => {
      const [first, second] = [makeSocket(), makeSocket()];
      const ways = {
        first: after(clock, 1500, first),
        second: after(clock, 100, second),
        headStartMs: 1000,
      };
      assert.equal(await world.complete(raceDials(clock, ways, undefined)), second.socket);
      await world.run({ untilMs: 2000 });
      assert.ok(first.isDestroyed);
      assert.ok(!second.isDestroyed);
    });
  });

  test("when both fail, the error is the first way's", async () => {
    await withClock(async (clock, world) => {
      const ways = {
        first: after(clock, 2000, new Error("first")),
        second: after(clock, 5, new Error("second")),
        headStartMs: 1000,
      };
      await assert.rejects(world.complete(raceDials(clock, ways, undefined)), { message: "first" });
    });
  });
});
