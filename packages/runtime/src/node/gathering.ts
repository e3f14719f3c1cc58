/** How quickly the measured pace follows a change: an eighth of each new gap. */
const PACE_SHARE = 8;

/** Says whether jobs come so quickly that the first ones should wait, to be done together with others. */
export interface Gathering {
  /** A job has come. */
  arrived(): void;
  /** Whether `waiting` jobs are to wait for more. None waits longer than the gathering's time. */
  shouldWait(waiting: number): boolean;
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
}): Gathering {
  const { size, maxWaitMs, nowMs } = options;
  let lastMs = -Infinity;
  let gapMs = Infinity;
  let waitsSinceMs: number | null = null;

  return {
    arrived() {
      const now = nowMs();
      const gap = now - lastMs;
      lastMs = now;
      // A pause makes the pace unknown again.
      if (gap > maxWaitMs * size) gapMs = Infinity;
      else gapMs = gapMs === Infinity ? gap : gapMs + (gap - gapMs) / PACE_SHARE;
    },
    shouldWait(waiting) {
      const isQuick = gapMs * (size - 1) <= maxWaitMs;
      waitsSinceMs ??= nowMs();
      if (waiting < size && isQuick && nowMs() - waitsSinceMs < maxWaitMs) return true;
      waitsSinceMs = null;
      return false;
    },
  };
}
