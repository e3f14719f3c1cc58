import type { RateLimiter } from "../rate/rate-limiter.ts";

/**
 * Holds one peer to the download limits. What has arrived cannot be sent back, so bytes beyond the
 * limits are a debt: reading stops until it is paid.
 */
export class DownloadDebt {
  readonly #limiter: RateLimiter;
  readonly #receiver: { hold(): void; unhold(): void };
  #bytes = 0;
  #closed = false;

  constructor(limiter: RateLimiter, receiver: { hold(): void; unhold(): void }) {
    this.#limiter = limiter;
    this.#receiver = receiver;
  }

  /** Payload arrived. */
  add(payloadBytes: number): void {
    const wasInDebt = this.#bytes > 0;
    this.#bytes += payloadBytes - this.#limiter.take(payloadBytes);
    if (this.#bytes <= 0 || wasInDebt) return;
    this.#receiver.hold();
    this.#pay();
  }

  close(): void {
    this.#closed = true;
  }

  #pay(): void {
    if (this.#closed) return;
    this.#bytes -= this.#limiter.take(this.#bytes);
    if (this.#bytes > 0) this.#limiter.waitForMore(() => this.#pay());
    else this.#receiver.unhold();
  }
}
