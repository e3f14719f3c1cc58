/** So many rejects beyond the blocks that came: two first windows. */
const MAX_REFUSALS = 32;
/** Then the peer is left alone for so long, and each time twice as long. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Counts the requests that a peer rejects although it unchokes us. A few are honest: a piece was lost, a
 * queue is full. A peer that rejects most of what it is asked for would be asked again at once and for ever.
 */
export class Refusals {
  #count = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #pausedUntilMs = -Infinity;

  /** The peer rejects most of what it is asked for. */
  get isRefusing(): boolean {
    return this.#count === MAX_REFUSALS;
  }

  /** Nothing is to be asked of the peer now. */
  isPaused(nowMs: number): boolean {
    return nowMs < this.#pausedUntilMs;
  }

  /** A request was rejected. @returns Whether a pause begins. */
  refused(nowMs: number): boolean {
    if (this.#count < MAX_REFUSALS) this.#count++;
    if (!this.isRefusing || this.isPaused(nowMs)) return false;
    this.#pausedUntilMs = nowMs + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    return true;
  }

  /** A block that was asked for came. */
  received(): void {
    if (this.#count === 0) return;
    this.#count--;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#pausedUntilMs = -Infinity;
  }
}
