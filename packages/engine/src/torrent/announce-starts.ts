import type { Clock, Timer } from "@shoal/runtime";

/** Seeds that begin to announce in a second, after so many that may begin at once. */
const PER_SECOND = 200;
const AT_ONCE = 100;
const ROUND_MS = 100;

/** Who begins to announce when it is told to. */
export interface AnnounceStart {
  begin(): void;
}

/**
 * Lets the torrents of a session begin to announce one after the other. Trackers are spared by the announce pacer;
 * this spares the memory of ten thousand announces that all wait for it.
 */
export class AnnounceStarts {
  readonly #clock: Clock;
  readonly #waiting = new Set<AnnounceStart>();
  #free = AT_ONCE;
  #countedAtMs = 0;
  #timer: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins now, or in its turn. @param isUrgent It wants peers, and waits for nobody. */
  enter(start: AnnounceStart, isUrgent: boolean): void {
    if (isUrgent) {
      this.#waiting.delete(start);
      start.begin();
      return;
    }
    this.#waiting.add(start);
    if (this.#timer === null) this.#serve();
  }

  leave(start: AnnounceStart): void {
    this.#waiting.delete(start);
  }

  #serve(): void {
    this.#timer = null;
    const nowMs = this.#clock.monotonicMs();
    const earned = ((nowMs - this.#countedAtMs) * PER_SECOND) / 1000;
    this.#free = Math.min(AT_ONCE, this.#free + earned);
    this.#countedAtMs = nowMs;
    for (const start of this.#waiting) {
      if (this.#free < 1) break;
      this.#free--;
      this.#waiting.delete(start);
      start.begin();
    }
    if (this.#waiting.size === 0) return;
    this.#timer = this.#clock.setTimer(ROUND_MS, () => this.#serve());
  }
}
