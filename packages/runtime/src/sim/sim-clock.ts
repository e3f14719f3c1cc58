import type { Clock, Timer } from "../ports/clock.ts";
import type { EventLoop } from "./event-loop.ts";
import { SimEvent } from "./event-queue.ts";
import type { RunningProgram } from "./running-program.ts";

class TimerEvent extends SimEvent implements Timer {
  readonly #loop: EventLoop;
  readonly #process: RunningProgram;
  readonly #callback: () => void;
  readonly #periodMs: number | null;

  constructor(
    loop: EventLoop,
    process: RunningProgram,
    callback: () => void,
    periodMs: number | null,
  ) {
    super();
    this.#loop = loop;
    this.#process = process;
    this.#callback = callback;
    this.#periodMs = periodMs;
  }

  override fire(): boolean {
    if (!this.#process.isAlive) return false;
    if (this.#periodMs !== null) this.#loop.schedule(this, this.#periodMs);
    this.#process.trace("timer", 0);
    this.#callback();
    return true;
  }

  cancel(): void {
    this.#loop.cancel(this);
  }
}

/** A host's clock: `startMs` plus virtual time plus whatever the wall clock was set off by. */
export function createSimClock(
  loop: EventLoop,
  process: RunningProgram,
  wall: { readonly offsetMs: number },
): Clock {
  const set = (delayMs: number, callback: () => void, periodMs: number | null): Timer => {
    const event = new TimerEvent(loop, process, callback, periodMs);
    if (process.isAlive) loop.schedule(event, delayMs > 0 ? delayMs : 0);
    return event;
  };
  return {
    nowMs: () => Math.floor(wall.offsetMs + loop.nowMs),
    monotonicMs: () => loop.nowMs,
    setTimer: (delayMs, callback) => set(delayMs, callback, null),
    setRepeating: (periodMs, callback) => {
      if (!(periodMs > 0))
        throw new RangeError(`A period above 0 ms was expected, not ${periodMs}`);
      return set(periodMs, callback, periodMs);
    },
  };
}
