import type { Clock, Timer } from "@shoal/runtime";

import type { AnnounceContext, TrackerEntry } from "./tracker-entry.ts";

/**
 * A tracker that has not answered after this long is not waited for: the next is asked beside it.
 * Dead UDP trackers take 50 s to be given up, and a list of ten of them would keep a download
 * waiting for minutes.
 */
const OVERLAP_MS = 3_000;

/**
 * Trackers that stand in for one another, tried in order until one works (BEP 12).
 *
 * Invariant: at most one round is under way, and at most one timer is set, never both.
 */
export class TrackerChain {
  readonly #tiers: TrackerEntry[][];
  readonly #context: Pick<AnnounceContext, "clock" | "isClosed">;
  /** The tracker that worked last: it decides when the next round is. */
  #active: TrackerEntry | null = null;
  #activeDueMs = 0;
  #timer: Timer | null = null;
  #nextRoundMs = Infinity;
  #isRunning = false;

  constructor(tiers: TrackerEntry[][], context: Pick<AnnounceContext, "clock" | "isClosed">) {
    this.#tiers = tiers;
    this.#context = context;
    this.#schedule(0);
  }

  get #clock(): Clock {
    return this.#context.clock;
  }

  /** The announcer is closed: no more rounds. */
  stop(): void {
    this.#timer?.cancel();
  }

  get tiers(): readonly (readonly TrackerEntry[])[] {
    return this.#tiers;
  }

  get trackers(): TrackerEntry[] {
    return this.#tiers.flat();
  }

  /** Appends a tier. It is asked now when no tracker works so far. */
  addTier(tier: TrackerEntry[]): void {
    this.#tiers.push(tier);
    if (this.#active === null) this.#wake();
  }

  /** Announces as soon as each tracker's `min interval` allows; those that failed are tried at once. */
  announceNow(): void {
    for (const tracker of this.trackers) if (tracker.state === "failed") tracker.retryAtMs = 0;
    this.#activeDueMs = this.#active?.retryAtMs ?? 0;
    this.#wake();
  }

  /** Announces an event, which no interval holds back, to the tracker in use. */
  announceEvent(): void {
    if (this.#active === null) return;
    this.#active.retryAtMs = 0;
    this.#activeDueMs = 0;
    this.#wake();
  }

  /** Monotonic time of the next announce to `tracker`; null when none is planned. */
  nextAnnounceMs(tracker: TrackerEntry): number | null {
    if (tracker.state === "announcing") return null;
    if (tracker === this.#active) return this.#activeDueMs;
    if (tracker.state !== "failed") return null;
    const atMs = Math.max(tracker.retryAtMs, this.#nextRoundMs);
    return atMs === Infinity ? null : atMs;
  }

  #wake(): void {
    // A round under way tries what is due, and plans the next one when it ends.
    if (!this.#isRunning) this.#schedule(this.#nextDueMs());
  }

  /** Earliest time at which a round would find something to do. */
  #nextDueMs(): number {
    const dueMs = this.#inTurn()
      .filter((tracker) => tracker.state !== "announcing")
      .map((tracker) => (tracker === this.#active ? this.#activeDueMs : tracker.retryAtMs));
    return Math.min(Infinity, ...dueMs);
  }

  /** The trackers up to the one in use: those behind it wait until it fails. */
  #inTurn(): TrackerEntry[] {
    const trackers = this.trackers;
    return this.#active === null ? trackers : trackers.slice(0, trackers.indexOf(this.#active) + 1);
  }

  #schedule(atMs: number): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#nextRoundMs = atMs;
    if (atMs === Infinity || this.#context.isClosed) return;
    const delayMs = Math.max(0, atMs - this.#clock.monotonicMs());
    this.#timer = this.#clock.setTimer(delayMs, () => void this.#runRound());
  }

  async #runRound(): Promise<void> {
    this.#timer = null;
    this.#isRunning = true;
    const winner = await this.#announceUntilOneWorks();
    this.#isRunning = false;
    if (this.#context.isClosed) return;
    if (winner !== null) this.#promote(winner);
    else if (this.#active?.state === "failed") this.#active = null;
    this.#schedule(this.#active === null ? this.#nextDueMs() : this.#activeDueMs);
  }

  async #announceUntilOneWorks(): Promise<TrackerEntry | null> {
    const nowMs = this.#clock.monotonicMs();
    const isDue = (tracker: TrackerEntry): boolean =>
      tracker.state !== "announcing" && tracker.retryAtMs <= nowMs;
    const isActiveDue = this.#active === null || isDue(this.#active);
    const due = (isActiveDue ? this.trackers : this.#inTurn()).filter(isDue);
    const { promise: won, resolve: win } = Promise.withResolvers<TrackerEntry>();
    let winner: TrackerEntry | null = null;
    void won.then((tracker) => (winner = tracker));
    const attempts: Promise<void>[] = [];
    for (const tracker of due) {
      const leave = await tracker.enter();
      if (winner !== null || this.#context.isClosed) {
        leave?.(true);
        return winner;
      }
      if (leave === null) continue;
      const attempt = this.#announce(tracker, win).finally(() =>
        leave(tracker.state === "working"),
      );
      attempts.push(attempt);
      await this.#waitAtMost(OVERLAP_MS, Promise.race([attempt, won]));
      if (winner !== null || this.#context.isClosed) return winner;
    }
    await Promise.race([Promise.all(attempts), won]);
    return winner;
  }

  /** An announce may outlast its round: when it works and nothing else does, it counts all the same. */
  async #announce(tracker: TrackerEntry, win: (tracker: TrackerEntry) => void): Promise<void> {
    const works = await tracker.announce();
    if (this.#context.isClosed) return;
    if (works) win(tracker);
    if (this.#isRunning || this.#active !== null) return;
    if (works) this.#promote(tracker);
    this.#schedule(works ? this.#activeDueMs : this.#nextDueMs());
  }

  #promote(winner: TrackerEntry): void {
    this.#active = winner;
    this.#activeDueMs = this.#clock.monotonicMs() + winner.intervalMs;
    const tier = this.#tiers.find((tier) => tier.includes(winner));
    if (tier === undefined) return;
    tier.splice(tier.indexOf(winner), 1);
    tier.unshift(winner);
  }

  async #waitAtMost(timeoutMs: number, promise: Promise<unknown>): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimer(timeoutMs, resolve);
    await Promise.race([promise, over]);
    timer.cancel();
  }
}
