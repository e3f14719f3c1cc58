import type { Clock, Timer } from "@shoal/runtime";
import { WaitingLine } from "./waiting-line.ts";

/** Announces under way at one tracker. */
const MAX_CONCURRENT = 16;
/** Goodbyes under way at one tracker: all of a session have to leave within seconds. */
const MAX_LEAVING = 128;
/** The start of one announce and the next, at one tracker: 200 a second. */
const GAP_MS = 5;
/** After so many failures in a row a tracker counts as down. */
const DOWN_AFTER = 8;
/** And is left alone for so long, by all torrents. */
const DOWN_MS = 30_000;

/** `urgent` goes before `ordinary`; `leaving` waits for neither, and within wider bounds. */
export type AnnounceUrgency = "urgent" | "ordinary" | "leaving";

/** Gives back the turn. `worked` says whether the tracker answered. */
export type LeaveTracker = (worked: boolean) => void;

/** Keeps the torrents of a session from falling on their trackers all at once. */
export interface AnnouncePacer {
  /**
   * Waits for a turn at the tracker's host.
   * @returns What gives it back; null when the host is down, so that another may be asked, or when
   * `signal` is aborted.
   */
  enter(url: string, urgency: AnnounceUrgency, signal: AbortSignal): Promise<LeaveTracker | null>;
  /** Whether others wait for a turn at the tracker's host. */
  isBusy(url: string): boolean;
}

interface Waiter {
  readonly signal: AbortSignal;
  readonly resolve: (leave: LeaveTracker | null) => void;
  readonly onAbort: () => void;
}

interface Host {
  readonly waiting: Record<AnnounceUrgency, WaitingLine<Waiter>>;
  running: number;
  leaving: number;
  nextAtMs: number;
  failures: number;
  downUntilMs: number;
  timer: Timer | null;
}

/**
 * One pacer serves all torrents of a session. What passes is spread over time by it, and so are the
 * announces that follow at the trackers' intervals.
 */
export function createAnnouncePacer({ clock }: { clock: Clock }): AnnouncePacer {
  const hosts = new Map<string, Host>();

  function hostOf(key: string): Host {
    let host = hosts.get(key);
    if (host === undefined) {
      const waiting = {
        urgent: new WaitingLine<Waiter>(),
        ordinary: new WaitingLine<Waiter>(),
        leaving: new WaitingLine<Waiter>(),
      };
      host = {
        waiting,
        running: 0,
        leaving: 0,
        nextAtMs: -Infinity,
        failures: 0,
        downUntilMs: -Infinity,
        timer: null,
      };
      hosts.set(key, host);
    }
    return host;
  }

  function take(line: WaitingLine<Waiter>): Waiter | null {
    const waiter = line.take();
    waiter?.signal.removeEventListener("abort", waiter.onAbort);
    return waiter;
  }

  function dismissAll(host: Host): void {
    for (const line of [host.waiting.urgent, host.waiting.ordinary]) {
      for (let waiter = take(line); waiter !== null; waiter = take(line)) waiter.resolve(null);
    }
  }

  function serve(host: Host): void {
    while (host.leaving < MAX_LEAVING) {
      const waiter = take(host.waiting.leaving);
      if (waiter === null) break;
      host.leaving++;
      waiter.resolve(once(() => void host.leaving--, host));
    }
    const nowMs = clock.monotonicMs();
    if (nowMs < host.downUntilMs) return dismissAll(host);
    while (host.running < MAX_CONCURRENT && host.nextAtMs <= nowMs) {
      const waiter = take(host.waiting.urgent) ?? take(host.waiting.ordinary);
      if (waiter === null) return;
      host.running++;
      // A timer that fired late is made up for, a pause is not.
      host.nextAtMs = (host.nextAtMs < nowMs - GAP_MS ? nowMs : host.nextAtMs) + GAP_MS;
      waiter.resolve(once((worked) => ended(host, worked), host));
    }
    const isIdle = host.waiting.urgent.isEmpty && host.waiting.ordinary.isEmpty;
    if (isIdle || host.running >= MAX_CONCURRENT || host.timer !== null) return;
    // Whole milliseconds: a sum of fractions could wait for a moment that never quite comes.
    host.timer = clock.setTimer(Math.ceil(host.nextAtMs - nowMs), () => {
      host.timer = null;
      serve(host);
    });
  }

  function ended(host: Host, worked: boolean): void {
    host.running--;
    host.failures = worked ? 0 : host.failures + 1;
    host.downUntilMs =
      host.failures >= DOWN_AFTER ? clock.monotonicMs() + DOWN_MS : Number.NEGATIVE_INFINITY;
  }

  function once(end: LeaveTracker, host: Host): LeaveTracker {
    let isOver = false;
    return (worked) => {
      if (isOver) return;
      isOver = true;
      end(worked);
      serve(host);
    };
  }

  return {
    enter(url, urgency, signal) {
      if (signal.aborted) return Promise.resolve(null);
      const host = hostOf(keyOf(url));
      const { promise, resolve } = Promise.withResolvers<LeaveTracker | null>();
      const line = host.waiting[urgency];
      const onAbort = (): void => {
        line.leave(place);
        resolve(null);
      };
      const place = line.join({ signal, resolve, onAbort });
      signal.addEventListener("abort", onAbort, { once: true });
      serve(host);
      return promise;
    },
    isBusy(url) {
      const waiting = hosts.get(keyOf(url))?.waiting;
      return waiting !== undefined && Object.values(waiting).some((line) => !line.isEmpty);
    },
  };
}

/** Trackers on one host share its turns. */
function keyOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
