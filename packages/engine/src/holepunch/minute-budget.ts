const MINUTE_MS = 60_000;

/** So many of something a minute. */
export class MinuteBudget {
  readonly #most: number;
  #left = 0;
  #fromMs = -Infinity;

  constructor(most: number) {
    this.#most = most;
  }

  /** @returns Whether one more is within bounds; it counts then. */
  take(nowMs: number): boolean {
    if (nowMs - this.#fromMs >= MINUTE_MS) {
      this.#fromMs = nowMs;
      this.#left = this.#most;
    }
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }
}
