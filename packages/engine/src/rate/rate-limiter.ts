import type { Clock, Timer } from "@shoal/runtime";
import { TokenBucket } from "./token-bucket.ts";
import { createTurnQueue, type TurnQueue } from "./turn-queue.ts";

/**
 * A token bucket within another: what it grants, its parents grant as well. Over any time `t` it
 * grants at most `bytesPerSecond` x `t` and one burst: 250 ms' worth, 16 KiB at least.
 */
export interface RateLimiter {
  /** Null: no limit. 0: nothing passes. */
  readonly bytesPerSecond: number | null;
  /** @throws {RangeError} when the limit is negative or not finite. */
  setLimit(bytesPerSecond: number | null): void;
  /**
   * Grants up to `wantedBytes` (a whole number) of every bucket up to the root.
   * @returns 0 when nothing is left or others wait for it: then use `waitForMore`.
   */
  take(wantedBytes: number): number;
  /**
   * Calls `callback` once, later, when it is this caller's turn to `take`, which has to happen within
   * the callback. Turns go round among all who wait, each with an equal share of what there is.
   */
  waitForMore(callback: () => void): Timer;
}

/** What a child needs of its parent: the buckets from here to the root, and the line they share. */
interface Branch {
  readonly path: readonly TokenBucket[];
  readonly queue: TurnQueue;
}

const branches = new WeakMap<RateLimiter, Branch>();

/**
 * @param init.bytesPerSecond Null: no limit, at no cost.
 * @param init.parent A limiter made by this function: peer within torrent within session.
 */
export function createRateLimiter(init: {
  clock: Clock;
  bytesPerSecond: number | null;
  parent?: RateLimiter;
}): RateLimiter {
  const { clock } = init;
  const parent = init.parent === undefined ? undefined : branches.get(init.parent);
  const bucket = new TokenBucket();
  const path = [bucket, ...(parent?.path ?? [])];
  const queue = parent?.queue ?? createTurnQueue(clock);

  const limiter: RateLimiter = {
    get bytesPerSecond() {
      return bucket.limit;
    },
    setLimit(bytesPerSecond) {
      if (bytesPerSecond !== null && !(bytesPerSecond >= 0 && bytesPerSecond < Infinity)) {
        throw new RangeError(
          `Expected a limit of 0 or more bytes per second, or null for none, got ${bytesPerSecond}.`,
        );
      }
      bucket.setLimit(bytesPerSecond, clock.monotonicMs());
      queue.reschedule();
    },
    take(wantedBytes) {
      return path.every(({ limit }) => limit === null) ? wantedBytes : takeLimited(wantedBytes);
    },
    waitForMore: (callback) => queue.wait(path, callback),
  };

  function takeLimited(wantedBytes: number): number {
    const nowMs = clock.monotonicMs();
    let granted = wantedBytes;
    for (const each of path) granted = Math.min(granted, each.available(nowMs));
    if (granted > 0) for (const each of path) each.spend(granted);
    return granted;
  }

  limiter.setLimit(init.bytesPerSecond);
  branches.set(limiter, { path, queue });
  return limiter;
}
