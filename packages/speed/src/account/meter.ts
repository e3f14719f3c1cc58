const MIB_BITS = 20n;

/** @returns Whole wei for so many bytes at a price in wei per MiB, rounded down. */
export function priceOf(lengthBytes: number, price: bigint): bigint {
  return (BigInt(lengthBytes) * price) >> MIB_BITS;
}

/** @returns Bytes that so much pays for, rounded up, 0 at the least; `Infinity` at a price of 0. */
export function bytesFor(wei: bigint, price: bigint): number {
  if (wei <= 0n) return 0;
  if (price === 0n) return Infinity;
  return Number(((wei << MIB_BITS) + price - 1n) / price);
}

/**
 * What a channel owes, counted by both of its ends from the same bytes in the same order: exact, however often
 * the price changes. Counting a block is one addition.
 */
export class Meter {
  /** In wei times 2^20. */
  #counted: bigint;
  #price: bigint;
  /** Since `#counted` was last brought up to date. */
  #bytes = 0;

  /** @param total Wei owed until now. @param price Wei per MiB from now on. */
  constructor(total: bigint, price: bigint) {
    this.#counted = total << MIB_BITS;
    this.#price = price;
  }

  get price(): bigint {
    return this.#price;
  }

  /** Whole wei. */
  get owed(): bigint {
    return (this.#counted + BigInt(this.#bytes) * this.#price) >> MIB_BITS;
  }

  count(lengthBytes: number): void {
    this.#bytes += lengthBytes;
  }

  /** Something else than bytes is owed: wei. */
  add(wei: bigint): void {
    this.#counted += wei << MIB_BITS;
  }

  /** Later bytes cost so much. */
  setPrice(price: bigint): void {
    this.#counted += BigInt(this.#bytes) * this.#price;
    this.#bytes = 0;
    this.#price = price;
  }
}
