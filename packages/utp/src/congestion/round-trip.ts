/** Until the first answer (RFC 6298, 2.1). */
const FIRST_TIMEOUT_MS = 1000;
/** BEP 29 never waits shorter: a receiver may hold an acknowledgement back. */
const MIN_TIMEOUT_MS = 500;
const MAX_TIMEOUT_MS = 30_000;

/** Round-trip time of a path and what follows from it: how long to wait before sending again. */
export class RoundTrip {
  #smoothedMs = 0;
  #variationMs = 0;
  #backOff = 1;

  /** Smoothed; 0 before the first sample. */
  get smoothedMs(): number {
    return this.#smoothedMs;
  }

  /** Time after which a packet that nobody acknowledged counts as lost. */
  get timeoutMs(): number {
    const plainMs =
      this.#smoothedMs === 0
        ? FIRST_TIMEOUT_MS
        : Math.max(MIN_TIMEOUT_MS, this.#smoothedMs + 4 * this.#variationMs);
    return Math.min(plainMs * this.#backOff, MAX_TIMEOUT_MS);
  }

  /** A packet that was sent only once was acknowledged after `sampleMs` (Karn's rule). @see RFC 6298 */
  add(sampleMs: number): void {
    this.#backOff = 1;
    if (this.#smoothedMs === 0) {
      this.#smoothedMs = Math.max(sampleMs, 0.001);
      this.#variationMs = sampleMs / 2;
      return;
    }
    this.#variationMs += (Math.abs(this.#smoothedMs - sampleMs) - this.#variationMs) / 4;
    this.#smoothedMs += (sampleMs - this.#smoothedMs) / 8;
  }

  /** A packet timed out: the next one gets twice the time. */
  backOff(): void {
    if (this.timeoutMs < MAX_TIMEOUT_MS) this.#backOff *= 2;
  }
}
