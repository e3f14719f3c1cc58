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
 * Bytes that may be unpaid: one block for a stranger, and beside it as much as the channel has paid for, up to a bound in bytes
 * and one in money, whichever is less. So whoever leaves without paying has paid at least as much before as it takes.
 * @param price Wei per MiB. @param paid Wei, over the channel's life.
 */
export function windowBytesAt(bounds: WindowBounds, price: bigint, paid: bigint): number {
  const { maxBytes, maxExposure } = bounds;
  const earned = FIRST_WINDOW_BYTES + bytesFor(paid, price);
  return Math.max(FIRST_WINDOW_BYTES, Math.min(earned, maxBytes, bytesFor(maxExposure, price)));
}
