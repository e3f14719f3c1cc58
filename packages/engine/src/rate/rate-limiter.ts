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
  /** All that it has granted while it had a limit. */
  readonly passedBytes: number;
  /** @throws {RangeError} when the limit is negative or not finite. */
  setLimit(bytesPerSecond: number | null): void;
  /**
   * Hangs the limiter, and all below it, under another one of the same tree. Who waits already has its
   * next turn where it was.
   * @throws {RangeError} when `parent` is of another tree.
   */
  setParent(parent: RateLimiter): void;
  /**
   * Grants up to `wantedBytes` (a whole number) of every bucket up to the root.
   * @returns 0 when nothing is left or others wait for it: then use `waitForMore`.
   */
  take(wantedBytes: number): number;
  /**
   * Calls `callback` once, later, when it is this caller's turn to `take`, which has to happen within
   * the callback. Turns go round among all who wait, each with its share of what there is.
   * @param weight Of the share, beside those of others; above 0, and 1 when absent.
   */
  waitForMore(callback: () => void, weight?: number): Timer;
}

/** What all limiters of a tree share: the line of those who wait, and how often branches were moved. */
interface Tree {
  readonly queue: TurnQueue;
  moves: number;
}

/** What a child needs of its parent: the buckets from here to the root. */
interface Branch {
  readonly tree: Tree;
  path(): readonly TokenBucket[];
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
  let parent = init.parent === undefined ? undefined : branches.get(init.parent);
  const tree = parent?.tree ?? { queue: createTurnQueue(clock), moves: 0 };
  const { queue } = tree;
  const bucket = new TokenBucket();
  let path: readonly TokenBucket[] = [bucket, ...(parent?.path() ?? [])];
  let seenMoves = tree.moves;

  /** The buckets from here to the root; one comparison as long as nothing in the tree is moved. */
  function pathNow(): readonly TokenBucket[] {
    if (seenMoves === tree.moves) return path;
    seenMoves = tree.moves;
    path = [bucket, ...(parent?.path() ?? [])];
    return path;
  }

  const limiter: RateLimiter = {
    get bytesPerSecond() {
      return bucket.limit;
    },
    get passedBytes() {
      return bucket.passedBytes;
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
    setParent(newParent) {
      const branch = branches.get(newParent);
      if (branch === parent) return;
      if (branch?.tree !== tree) throw new RangeError("Expected a parent of the same tree.");
      parent = branch;
      tree.moves++;
    },
    take(wantedBytes) {
      return pathNow().every(({ limit }) => limit === null)
        ? wantedBytes
        : takeLimited(wantedBytes);
    },
    waitForMore: (callback, weight = 1) => queue.wait(pathNow(), callback, weight),
  };

  function takeLimited(wantedBytes: number): number {
    const nowMs = clock.monotonicMs();
    let granted = wantedBytes;
    for (const each of path) granted = Math.min(granted, each.available(nowMs));
    if (granted > 0) for (const each of path) each.spend(granted);
    return granted;
  }

  limiter.setLimit(init.bytesPerSecond);
  branches.set(limiter, { tree, path: pathNow });
  return limiter;
}
