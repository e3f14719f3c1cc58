/** How quickly the measured pace follows a change: an eighth of each new gap. */
const PACE_SHARE = 8;

/** Lets jobs that come at a good pace wait for each other, so that they are done together. */
export interface Gathering {
  /** Resolves when the job's group is complete, or when waiting for the rest of it would take too long. */
  join(): Promise<void>;
}

/**
 * @param options.size Jobs of a group.
 * @param options.maxWaitMs A group is let go after this time, complete or not; and none is begun while
 * jobs come so slowly that it would not be complete by then.
 */
export function createGathering(options: {
  readonly size: number;
  readonly maxWaitMs: number;
  readonly nowMs: () => number;
  readonly setTimer: (delayMs: number, callback: () => void) => () => void;
}): Gathering {
  const { size, maxWaitMs, nowMs, setTimer } = options;
  let waiting: (() => void)[] = [];
  let cancelTimer: (() => void) | null = null;
  let lastMs = -Infinity;
  let gapMs = Infinity;

  /** The usual time between two jobs. A pause makes the pace unknown again. */
  function measurePace(): void {
    const now = nowMs();
    const gap = now - lastMs;
    lastMs = now;
    if (gap > maxWaitMs * size) gapMs = Infinity;
    else gapMs = gapMs === Infinity ? gap : gapMs + (gap - gapMs) / PACE_SHARE;
  }

  function letGo(): void {
    cancelTimer?.();
    cancelTimer = null;
    const group = waiting;
    waiting = [];
    for (const go of group) go();
  }

  return {
    join() {
      measurePace();
      if (waiting.length === 0 && gapMs * (size - 1) > maxWaitMs) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      if (waiting.length >= size) letGo();
      else cancelTimer ??= setTimer(maxWaitMs, letGo);
      return promise;
    },
  };
}
