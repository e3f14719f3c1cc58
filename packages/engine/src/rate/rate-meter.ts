/** Over how long the rate is smoothed: a change shows by two thirds after this time. */
const SMOOTHING_MS = 3000;
/** A burst in the first moments is spread over so long at least. */
const MIN_AGE_MS = 1000;

/** Bytes per second, smoothed over a few seconds. */
export interface RateMeter {
  /** @param nowMs Monotonic, never less than before. */
  add(bytes: number, nowMs: number): void;
  bytesPerSecond(nowMs: number): number;
  /** All bytes ever added. */
  readonly totalBytes: number;
}

/** A meter that keeps one exponentially fading sum: constant memory and time, no timer. */
export function createRateMeter(): RateMeter {
  let totalBytes = 0;
  let fadingBytes = 0;
  let startedAtMs = 0;
  let fadedAtMs = 0;

  function fade(nowMs: number): number {
    return fadingBytes * Math.exp((fadedAtMs - nowMs) / SMOOTHING_MS);
  }

  return {
    add(bytes, nowMs) {
      if (totalBytes === 0) startedAtMs = fadedAtMs = nowMs;
      fadingBytes = (nowMs === fadedAtMs ? fadingBytes : fade(nowMs)) + bytes;
      fadedAtMs = nowMs;
      totalBytes += bytes;
    },
    bytesPerSecond(nowMs) {
      // The weights of the time since the start sum to less than one: without the division a meter
      // would take seconds to rise to a steady rate.
      const ageMs = Math.max(nowMs - startedAtMs, MIN_AGE_MS);
      const weightMs = SMOOTHING_MS * (1 - Math.exp(-ageMs / SMOOTHING_MS));
      return (fade(nowMs) * 1000) / weightMs;
    },
    get totalBytes() {
      return totalBytes;
    },
  };
}
