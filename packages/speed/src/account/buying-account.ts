import { FIRST_WINDOW_BYTES } from "./credit-window.ts";
import { Meter, priceOf } from "./meter.ts";

/** A voucher pays for this part of the window, so that the next one is on its way before the credit is used up. */
const PAYMENTS_PER_WINDOW = 4;
/**
 * However wide the window, so much is worth a voucher. What is unpaid when a payer crashes it has forgotten, and a payee that loses more
 * than a MiB and a sixteenth of what it was paid serves it no more.
 */
const MOST_UNSAID_BYTES = 256 * 1024;

/**
 * A payer's side of one channel on one connection: what arrived, what was paid, and when the next voucher is due.
 * Figures alone. It pays for what has arrived and never ahead, so a payee that stops sending has got nothing for it.
 */
export class BuyingAccount {
  readonly #meter: Meter;
  #capacity: bigint;
  #paid: bigint;
  #acknowledged: bigint;
  #windowBytes: number;
  #unpaidBytes = 0;
  #receivedBytes = 0;
  /** Null while it is trusted; else bytes that came since and proved good, and are not paid. */
  #provenBytes: number | null = null;

  /**
   * @param init.total Wei of the payee's newest voucher.
   * @param init.signed Wei of the newest that was signed, where the payee has lost some: they pay for blocks to come. `total`
   * when absent.
   * @param init.price Wei per MiB.
   */
  constructor(init: {
    readonly price: bigint;
    readonly capacity: bigint;
    readonly total: bigint;
    readonly signed?: bigint;
    readonly windowBytes: number;
  }) {
    this.#meter = new Meter(init.total, init.price);
    this.#capacity = init.capacity;
    const { total, signed = total } = init;
    this.#paid = signed > total ? signed : total;
    this.#acknowledged = init.total;
    this.#windowBytes = Math.max(FIRST_WINDOW_BYTES, init.windowBytes);
  }

  get price(): bigint {
    return this.#meter.price;
  }
  /** Wei of the newest voucher. */
  get paid(): bigint {
    return this.#paid;
  }
  /** Wei of the newest voucher that the payee has kept. */
  get acknowledged(): bigint {
    return this.#acknowledged;
  }
  get receivedBytes(): number {
    return this.#receivedBytes;
  }
  /** The channel's total if everything that has arrived were paid: never above its capacity. */
  get owed(): bigint {
    const { owed } = this.#meter;
    return owed < this.#capacity ? owed : this.#capacity;
  }
  /** Wei for what arrived and was not paid. */
  get unpaid(): bigint {
    const unpaid = this.owed - this.#paid;
    return unpaid > 0n ? unpaid : 0n;
  }
  /** Wei that can still be owed. */
  get left(): bigint {
    return this.#capacity - this.owed;
  }
  /** What is left cannot pay for another block. */
  get isExhausted(): boolean {
    return this.#capacity - this.#meter.owed < priceOf(FIRST_WINDOW_BYTES, this.#meter.price);
  }
  /** The payee had part in a bad piece: nothing is paid but what proves good. */
  get isSuspended(): boolean {
    return this.#provenBytes !== null;
  }
  /** Something proved good meanwhile. */
  get hasProven(): boolean {
    return (this.#provenBytes ?? 0) > 0;
  }
  /** Bytes that may arrive before they have to be paid for. */
  get windowBytes(): number {
    return this.#windowBytes;
  }

  /** A block arrived, in the order of sending. Called for every block. */
  received(lengthBytes: number): void {
    this.#meter.count(lengthBytes);
    this.#receivedBytes += lengthBytes;
    this.#unpaidBytes += lengthBytes;
  }

  /**
   * Whether a voucher should be signed now.
   * @param spacingBytes Fewer bytes than this are not worth a signature of their own at this rate; half a window's always
   * are.
   * @param isLast Nothing more is asked for: the connection may end at any moment.
   */
  isDue(spacingBytes: number, isLast = false): boolean {
    if (this.#provenBytes !== null || this.#unpaidBytes === 0) return false;
    if (isLast) return this.unpaid > 0n;
    const part = Math.min(this.#windowBytes / PAYMENTS_PER_WINDOW, MOST_UNSAID_BYTES);
    const due = Math.min(Math.max(part, spacingBytes), this.#windowBytes / 2);
    return this.#unpaidBytes >= Math.max(FIRST_WINDOW_BYTES, due) && this.unpaid > 0n;
  }

  /** A voucher over `owed` was signed, or over what proved good while it is suspended. @returns Its total. */
  pay(): bigint {
    const { owed } = this;
    let total = owed;
    if (this.#provenBytes === null) {
      this.#unpaidBytes = 0;
    } else {
      const proven = this.#paid + priceOf(this.#provenBytes, this.#meter.price);
      if (proven < owed) total = proven;
      this.#provenBytes = 0;
    }
    if (total > this.#paid) this.#paid = total;
    return this.#paid;
  }

  /** Owns to a debt from before: it is in the next voucher. */
  add(wei: bigint): void {
    this.#meter.add(wei);
  }

  acknowledge(total: bigint, windowBytes: number): void {
    if (total > this.#acknowledged && total <= this.#paid) this.#acknowledged = total;
    this.#windowBytes = Math.max(FIRST_WINDOW_BYTES, windowBytes);
  }

  /** From this place in the stream on, blocks cost so much. */
  setPrice(price: bigint, windowBytes: number): void {
    this.#meter.setPrice(price);
    this.#windowBytes = Math.max(FIRST_WINDOW_BYTES, windowBytes);
  }

  setCapacity(capacity: bigint): void {
    this.#capacity = capacity;
  }

  /** The payee may have sent garbage. */
  suspend(): void {
    this.#provenBytes ??= 0;
  }

  /** A block of the payee proved good. Called for every block. */
  proved(lengthBytes: number): void {
    if (this.#provenBytes !== null) this.#provenBytes += lengthBytes;
  }

  /** It was not the payee's fault: all that came is owed. */
  resume(): void {
    this.#provenBytes = null;
  }
}
