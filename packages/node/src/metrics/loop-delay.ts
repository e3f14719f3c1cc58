import type { Clock, Timer } from "@shoal/runtime";

const BEAT_MS = 500;
const KEPT = 120;

/** How long the main thread keeps others waiting: by how much a timer that should be regular is late. */
export class LoopDelay {
  readonly #delaysMs: number[] = [];
  readonly #timer: Timer;
  #lastMs: number;

  constructor(clock: Clock) {
    this.#lastMs = clock.monotonicMs();
    this.#timer = clock.setRepeating(BEAT_MS, () => {
      const nowMs = clock.monotonicMs();
      this.#delaysMs.push(Math.max(0, nowMs - this.#lastMs - BEAT_MS));
      if (this.#delaysMs.length > KEPT) this.#delaysMs.shift();
      this.#lastMs = nowMs;
    });
  }

  /** The longest within a minute. */
  get worstMs(): number {
    return Math.max(0, ...this.#delaysMs);
  }

  close(): void {
    this.#timer.cancel();
  }
}
