import type { Address } from "../network/address.ts";

/** Usage is forgotten evenly over a day. */
const WINDOW_MS = 24 * 60 * 60 * 1000;

/** What accounts have used of the bandwidth that is theirs for nothing. */
export class FreeBandwidth {
  readonly #limit: number;
  readonly #usage = new Map<Address, { used: number; atMs: number }>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes used, those that are forgotten by now left out. */
  used(address: Address, nowMs: number): number {
    const usage = this.#usage.get(address);
    if (usage === undefined) return 0;
    const left = 1 - (nowMs - usage.atMs) / WINDOW_MS;
    return left <= 0 ? 0 : Math.ceil(usage.used * Math.min(left, 1));
  }

  /** Whether `bytes` more are free. */
  allows(address: Address, bytes: number, nowMs: number): boolean {
    return this.used(address, nowMs) + bytes <= this.#limit;
  }

  use(address: Address, bytes: number, nowMs: number): void {
    this.#usage.set(address, { used: this.used(address, nowMs) + bytes, atMs: nowMs });
  }
}
