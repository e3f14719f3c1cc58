import type { Clock, Timer } from "@shoal/runtime";
import { MIN_SHARE_BYTES, type TokenBucket, WAKE_MS } from "./token-bucket.ts";

/** Turns that nobody could be given are not all made up for at once. */
const MOST_SAVED_BYTES = 2 * MIN_SHARE_BYTES;

interface Waiter {
  /** The buckets that have to grant, the narrowest first. */
  readonly path: readonly TokenBucket[];
  blockedAt: TokenBucket;
  readonly callback: () => void;
  readonly weight: number;
}

/**
 * All who wait in a tree of buckets, in one line: turns go round, and in each turn every bucket on
 * the path grants a share of what it has, by the weight of who waits. One line for the tree, since somebody who queued at
 * one level after another could find the first empty again whenever the second lets him pass.
 */
export interface TurnQueue {
  wait(path: readonly TokenBucket[], callback: () => void, weight: number): Timer;
  /** To be called when a limit has changed. */
  reschedule(): void;
}

export function createTurnQueue(clock: Clock): TurnQueue {
  const waiters = new Set<Waiter>();
  let timer: Timer | undefined;
  let dueMs = Infinity;
  let servedAtMs = -Infinity;
  let isServing = false;

  /** One timer for all: it is only ever moved forward by a waiter, and back by a round. */
  function scheduleFor(some: Iterable<Waiter>): void {
    const nowMs = clock.monotonicMs();
    let soonestMs = Infinity;
    for (const { path } of some) {
      let delayMs = Math.max(0, servedAtMs + WAKE_MS - nowMs);
      for (const bucket of path) delayMs = Math.max(delayMs, bucket.delayMs(nowMs));
      soonestMs = Math.min(soonestMs, nowMs + delayMs);
    }
    if (soonestMs >= dueMs) return;
    timer?.cancel();
    dueMs = soonestMs;
    timer = clock.setTimer(soonestMs - nowMs, serve);
  }

  function unschedule(): void {
    timer?.cancel();
    timer = undefined;
    dueMs = Infinity;
  }

  function leave(waiter: Waiter): boolean {
    if (!waiters.delete(waiter)) return false;
    waiter.blockedAt.blocked--;
    return true;
  }

  /** Gives a waiter its turn, if every bucket on its path has something. */
  function serveOne(waiter: Waiter, weight: number): void {
    if (!waiters.has(waiter)) return;
    const { path } = waiter;
    const empty = path.find((bucket) => !bucket.hasShare(servedAtMs));
    if (empty === undefined) {
      leave(waiter);
      path[0]!.saved -= MIN_SHARE_BYTES;
      for (const bucket of path) bucket.openShare(weight);
      waiter.callback();
    } else {
      waiter.blockedAt.blocked--;
      waiter.blockedAt = empty;
      empty.blocked++;
    }
  }

  /** Whose share of a round is too small for a turn saves it up, so that it has its part and no more. */
  function isDue({ path, weight }: Waiter): boolean {
    let share = Infinity;
    for (const bucket of path) share = Math.min(share, bucket.shareOf(weight, servedAtMs));
    const own = path[0]!;
    if (share >= MIN_SHARE_BYTES) {
      own.saved = MIN_SHARE_BYTES;
      return true;
    }
    own.saved = Math.min(own.saved + share, MOST_SAVED_BYTES);
    return own.saved >= MIN_SHARE_BYTES;
  }

  function isAmple({ path }: Waiter): boolean {
    return path.every((bucket) => bucket.isAmple(servedAtMs));
  }

  function serve(): void {
    unschedule();
    servedAtMs = clock.monotonicMs();
    isServing = true;
    const round = [...waiters];
    for (const { path, weight } of round) {
      for (const bucket of path) bucket.remaining += weight;
    }
    try {
      const others: Waiter[] = [];
      for (const waiter of round) {
        if (isDue(waiter)) serveOne(waiter, waiter.weight);
        else others.push(waiter);
        for (const bucket of waiter.path) {
          bucket.share = undefined;
          bucket.remaining -= waiter.weight;
        }
      }
      // What would soon flow over is for whoever is next.
      for (const waiter of others) {
        if (isAmple(waiter)) serveOne(waiter, 0);
        for (const bucket of waiter.path) bucket.share = undefined;
      }
    } finally {
      for (const { path } of round) {
        for (const bucket of path) {
          bucket.share = undefined;
          bucket.remaining = 0;
        }
      }
      isServing = false;
      scheduleFor(waiters);
    }
  }

  return {
    wait(path, callback, weight) {
      const nowMs = clock.monotonicMs();
      const blockedAt = path.find((bucket) => bucket.available(nowMs) < 1) ?? path[0]!;
      const waiter: Waiter = { path, blockedAt, callback, weight };
      waiters.add(waiter);
      blockedAt.blocked++;
      if (!isServing) scheduleFor([waiter]);
      return {
        cancel() {
          if (leave(waiter) && waiters.size === 0) unschedule();
        },
      };
    },
    reschedule() {
      unschedule();
      scheduleFor(waiters);
    },
  };
}
