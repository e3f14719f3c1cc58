import { type WindowBounds, windowBytesAt } from "./credit-window.ts";
import { bytesFor, Meter } from "./meter.ts";

/** What became of a voucher's total. */
export type VoucherVerdict =
  /** It is worth more than the one before; the gain in wei. */
  | { readonly ok: true; readonly gain: bigint }
  /** Less than the newest one: totals only grow. */
  | { readonly ok: false; readonly reason: "shrinks" }
  /** More than the channel holds. */
  | { readonly ok: false; readonly reason: "above-capacity" };

/**
 * A payee's side of one channel on one connection: what was sent, what was paid, and how much may be sent now. Figures
 * alone: signatures, chain and disk are others' business. Post-paid: at most a window's bytes are unpaid at any time.
 */
export class SellingAccount {
  readonly #bounds: WindowBounds;
  readonly #meter: Meter;
  #capacity: bigint;
  #paid: bigint;
  /** What an earlier connection left unpaid; settled by the first voucher. */
  #debt: bigint;
  /** Bytes that may be sent; brought up to date whenever something was paid. */
  #credit = 0;
  #sentBytes = 0;

  /**
   * @param init.total Wei of the newest voucher.
   * @param init.debt Wei that an earlier connection left unpaid.
   */
  constructor(init: {
    readonly price: bigint;
    readonly capacity: bigint;
    readonly total: bigint;
    readonly debt: bigint;
    readonly bounds: WindowBounds;
  }) {
    this.#meter = new Meter(init.total, init.price);
    this.#bounds = init.bounds;
    this.#capacity = init.capacity;
    this.#paid = init.total;
    this.#debt = init.debt;
    this.#recount();
  }

  get price(): bigint {
    return this.#meter.price;
  }
  get capacity(): bigint {
    return this.#capacity;
  }
  /** Wei of the newest voucher. */
  get paid(): bigint {
    return this.#paid;
  }
  /** Wei for what was sent, and was not paid yet; before the first voucher, with what was left before. */
  get unpaid(): bigint {
    const unpaid = this.#meter.owed - this.#paid + this.#debt;
    return unpaid > 0n ? unpaid : 0n;
  }
  /** An earlier connection's debt waits to be settled; nothing is sent before. */
  get isSettling(): boolean {
    return this.#debt > 0n;
  }
  /** Nothing of it is left to pay another block with. */
  get isExhausted(): boolean {
    return this.#capacity - this.#meter.owed < this.#leastWorth;
  }
  get windowBytes(): number {
    return windowBytesAt(this.#bounds, this.#meter.price, this.#paid);
  }
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Bytes that may be sent now. Called for every block. */
  get creditBytes(): number {
    return this.#credit;
  }

  /**
   * The same for a request of this length. One that is longer than the window goes alone, once nothing is unpaid: else a
   * peer that asks so would never be served.
   */
  creditFor(nextBytes: number): number {
    if (nextBytes <= this.#credit) return this.#credit;
    const isAlone = nextBytes > this.windowBytes && this.unpaid === 0n;
    return isAlone && nextBytes <= this.#fundedBytes ? nextBytes : this.#credit;
  }

  /** A block was handed to the transport. */
  sent(lengthBytes: number): void {
    this.#meter.count(lengthBytes);
    this.#sentBytes += lengthBytes;
    this.#credit -= lengthBytes;
  }

  /** Blocks after this cost so much. */
  setPrice(price: bigint): void {
    this.#meter.setPrice(price);
    this.#recount();
  }

  /** The channel was topped up. */
  setCapacity(capacity: bigint): void {
    this.#capacity = capacity;
    this.#recount();
  }

  /** A voucher whose signature fits. @returns Wei of debt that its payer does not own to, beside the verdict. */
  pay(total: bigint): VoucherVerdict & { readonly forgiven: bigint } {
    if (total < this.#paid) return { ok: false, reason: "shrinks", forgiven: 0n };
    if (total > this.#capacity) return { ok: false, reason: "above-capacity", forgiven: 0n };
    const gain = total - this.#paid;
    this.#paid = total;
    let forgiven = 0n;
    if (this.#debt > 0n) {
      // The payer counted what arrived; the rest was lost on the way when the connection ended.
      const settled = gain < this.#debt ? gain : this.#debt;
      forgiven = this.#debt - settled;
      this.#debt = 0n;
      this.#meter.add(settled);
    }
    this.#recount();
    return { ok: true, gain, forgiven };
  }

  get #leastWorth(): bigint {
    return this.#meter.price >> 6n;
  }

  #recount(): void {
    if (this.#debt > 0n) {
      this.#credit = 0;
      return;
    }
    const { price, owed } = this.#meter;
    const unpaidBytes = bytesFor(owed - this.#paid, price);
    // Of what was lost here and is given again: it pays for blocks to come.
    const aheadBytes = paidBytes(this.#paid - owed, price);
    this.#credit = Math.min(this.windowBytes - unpaidBytes + aheadBytes, this.#fundedBytes);
  }

  /** What is left of the channel pays for so many. */
  get #fundedBytes(): number {
    const { price, owed } = this.#meter;
    return paidBytes(this.#capacity - owed, price);
  }
}

/** Bytes that so much pays for in full, 0 at the least; `Infinity` at a price of 0. */
function paidBytes(wei: bigint, price: bigint): number {
  return wei <= 0n ? 0 : price === 0n ? Infinity : Number((wei << 20n) / price);
}
