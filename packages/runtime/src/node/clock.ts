import type { Clock, Timer } from "../ports/clock.ts";

/** The machine's clocks. */
export function createClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    setTimer(delayMs, callback): Timer {
      // Longer delays than 2^31 - 1 ms would fire at once.
      const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), 0x7fffffff));
      timer.unref();
      return { cancel: () => clearTimeout(timer) };
    },
    setRepeating(periodMs, callback): Timer {
      const timer = setInterval(callback, periodMs);
      timer.unref();
      return { cancel: () => clearInterval(timer) };
    },
  };
}
