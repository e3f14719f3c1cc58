/** A connection that is closed here sends its last words again, and acknowledges the other side's, for so long. */
const LINGER_MS = 10_000;
/** In times of the other side's last pause: its next try comes after twice as long, and may be lost; the one after it after four times. */
const LINGER_PAUSES = 7;
/** Beyond this nobody waits for another try. */
const MAX_LINGER_MS = 180_000;

/** How long a connection that is over stays, since the acknowledgement of the other side's end may be lost. */
export class Lingering {
  /** Infinity before it is over. */
  endsMs = Infinity;
  #tookAtMs = Infinity;
  /** The longest that the other side let pass before it sent again what was lost. */
  #retryMs = 0;

  /** A packet with payload, or the end, came. @param isRepeat It, or one before it, was sent again. */
  took(isRepeat: boolean, nowMs: number): void {
    if (isRepeat) this.#retryMs = Math.max(this.#retryMs, nowMs - this.#tookAtMs);
    this.#tookAtMs = nowMs;
  }

  /** Where much is lost, the other side's next try comes late, and the one after it later still. */
  extend(ownTimeoutMs: number, nowMs: number): void {
    const triesMs = Math.max(2 * ownTimeoutMs, LINGER_PAUSES * this.#retryMs);
    this.endsMs = nowMs + Math.min(Math.max(LINGER_MS, triesMs), MAX_LINGER_MS);
  }
}
