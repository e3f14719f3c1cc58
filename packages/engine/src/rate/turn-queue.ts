import type { Clock, Timer } from "@shoal/runtime";
import { type TokenBucket, WAKE_MS } from "./token-bucket.ts";

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
  function serveOne(waiter: Waiter): void {
    if (!waiters.has(waiter)) return;
    const { path } = waiter;
    const empty = path.find((bucket) => !bucket.hasShare(servedAtMs));
    if (empty === undefined) {
      leave(waiter);
      for (const bucket of path) bucket.openShare(waiter.weight);
      waiter.callback();
    } else {
      waiter.blockedAt.blocked--;
      waiter.blockedAt = empty;
      empty.blocked++;
    }
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
      for (const waiter of round) {
        serveOne(waiter);
        for (const bucket of waiter.path) {
          bucket.share = undefined;
          bucket.remaining -= waiter.weight;
        }
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
