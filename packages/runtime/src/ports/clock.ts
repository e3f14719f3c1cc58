/** A pending timer. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time. The real world reads the machine's clocks; the simulated one owns them. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. It may jump either way: only for dates that are shown, stored or sent. */
  nowMs(): number;
  /** Milliseconds, with fractions, since an arbitrary origin. It never goes back: for durations and deadlines. */
  monotonicMs(): number;
  /** Calls `callback` once, after at least `delayMs`. Timers do not keep a process alive by themselves. */
  setTimer(delayMs: number, callback: () => void): Timer;
  /** Calls `callback` every `periodMs`, until cancelled. */
  setRepeating(periodMs: number, callback: () => void): Timer;
}
