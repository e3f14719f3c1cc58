import assert from "node:assert/strict";
import type { Clock } from "../ports/clock.ts";
import { createFacts } from "./fixture.ts";
import type { CreateFixture } from "./fixture.ts";

export interface ClockPorts {
  readonly clock: Clock;
}

/** What every `Clock` does. */
export function testClock(world: string, create: CreateFixture<ClockPorts>): void {
  const fact = createFacts(`${world} clock`, create);

  fact("a timer fires once, no earlier than asked", async ({ clock }) => {
    const start = clock.monotonicMs();
    const { promise, resolve } = Promise.withResolvers<number>();
    clock.setTimer(20, () => resolve(clock.monotonicMs()));
    // The system's timers count in whole milliseconds.
    assert.ok((await promise) - start >= 19);
  });

  fact("timers fire in the order of their deadlines", async ({ clock }) => {
    const fired: number[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const delayMs of [30, 10, 20]) {
      clock.setTimer(delayMs, () => {
        fired.push(delayMs);
        if (fired.length === 3) resolve();
      });
    }
    await promise;
    assert.deepEqual(fired, [10, 20, 30]);
  });

  fact("a cancelled timer does not fire, and cancelling again does nothing", async ({ clock }) => {
    let calls = 0;
    const cancelled = clock.setTimer(1, () => calls++);
    cancelled.cancel();
    cancelled.cancel();
    const { promise, resolve } = Promise.withResolvers<void>();
    const last = clock.setTimer(15, resolve);
    await promise;
    last.cancel();
    assert.equal(calls, 0);
  });

  fact("a repeating timer fires until it is cancelled, even from within", async ({ clock }) => {
    let calls = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.setRepeating(2, () => {
      if (++calls === 3) {
        timer.cancel();
        clock.setTimer(10, resolve);
      }
    });
    await promise;
    assert.equal(calls, 3);
  });
}
