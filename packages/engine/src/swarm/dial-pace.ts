import type { Clock } from "@shoal/runtime";

/** Attempts to connect in a second, over all torrents of a session (libtorrent's value). */
export const DIALS_PER_SECOND = 30;

/**
 * Holds a session to a number of connection attempts in a second: home routers keep a table of
 * connections, and lose others when it fills in a burst.
 */
export class DialPace {
  readonly #clock: Clock;
  readonly #perSecond: number;
  #tokens: number;
  #filledMs: number;

  constructor(clock: Clock, perSecond: number = DIALS_PER_SECOND) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledMs = clock.monotonicMs();
  }

  /** @returns Whether an attempt may be made now; then it is counted. */
  take(): boolean {
    const nowMs = this.#clock.monotonicMs();
    const gained = ((nowMs - this.#filledMs) * this.#perSecond) / 1000;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + gained);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Gives back an attempt that was not made. */
  untake(): void {
    this.#tokens++;
  }
}
