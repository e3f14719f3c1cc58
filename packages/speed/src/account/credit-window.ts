import { bytesFor } from "./meter.ts";

/** One block: what a stranger can take without paying. */
export const FIRST_WINDOW_BYTES = 16 * 1024;

/** How far a payee lets a payer run ahead of its payments. */
export interface WindowBounds {
  /** In bytes; the speed of fast lines needs more than their delay times their rate. */
  readonly maxBytes: number;
  /** In wei: what a payee risks with one payer. */
  readonly maxExposure: bigint;
}

/**
 * Bytes that may be unpaid: one block at first, twice as many after each window that was paid, up to a bound in bytes
 * and one in money, whichever is less. So whoever leaves without paying has paid at least as much before as it takes.
 */
export class CreditWindow {
  readonly #bounds: WindowBounds;
  #bytes = FIRST_WINDOW_BYTES;
  #paidBytes = 0;

  constructor(bounds: WindowBounds) {
    this.#bounds = bounds;
  }

  bytesAt(price: bigint): number {
    const affordable = bytesFor(this.#bounds.maxExposure, price);
    return Math.max(FIRST_WINDOW_BYTES, Math.min(this.#bytes, this.#bounds.maxBytes, affordable));
  }

  /** So many bytes were paid for. */
  paid(lengthBytes: number): void {
    this.#paidBytes += lengthBytes;
    while (this.#paidBytes >= this.#bytes && this.#bytes < this.#bounds.maxBytes) {
      this.#paidBytes -= this.#bytes;
      this.#bytes *= 2;
    }
  }
}
