import { DEFAULT_AFTER_MS, MOST_SLOT_AFTER_MS, SLOT_AFTER_MS } from "./selling-terms.ts";

/**
 * How long a payer that has used up its window may take to pay. It soon has no slot, which costs it little if it is
 * honest: until it pays, nothing is sent to it anyway. Its trade ends much later, since what was sent may be seconds away from it
 * behind full buffers. A line that has shown to be slow gets more time for its slot, too.
 */
export class Patience {
  /** Since when it owes a window and more; null while it does not. */
  #stalledAtMs: number | null = null;
  /** The longest time after which it did pay. */
  #longestMs = 0;

  /** It has used up its window, or has not. */
  note(isStalled: boolean, nowMs: number): void {
    if (!isStalled) this.#stalledAtMs = null;
    else this.#stalledAtMs ??= nowMs;
  }

  paid(nowMs: number): void {
    if (this.#stalledAtMs === null) return;
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#stalledAtMs);
    this.#stalledAtMs = null;
  }

  /** Its slot is for somebody else, until it pays. */
  hasLostSlot(nowMs: number): boolean {
    const afterMs = Math.min(MOST_SLOT_AFTER_MS, Math.max(SLOT_AFTER_MS, 2 * this.#longestMs));
    return this.#stalledFor(nowMs) >= afterMs;
  }

  /** Nothing is to be expected from it any more. */
  hasDefaulted(nowMs: number): boolean {
    return this.#stalledFor(nowMs) >= DEFAULT_AFTER_MS;
  }

  #stalledFor(nowMs: number): number {
    return this.#stalledAtMs === null ? 0 : nowMs - this.#stalledAtMs;
  }
}
