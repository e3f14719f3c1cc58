import { nextSequence, stepsBetween } from "./sequence.ts";

/** Packets that may be ahead of the one that is missing; a power of two. */
const RING_PACKETS = 2048;
/** So many bits of a selective acknowledgement: what lies further ahead is told once the gap has closed. */
const MAX_SELECTIVE_BYTES = 128;
const FIN: Uint8Array = new Uint8Array(0);

/** Memory for packets that cannot be handed on yet, shared by all connections of a multiplexer. */
export interface HeldBytes {
  readonly limitBytes: number;
  usedBytes: number;
}

/** Takes payload in order. Returns how much of it was taken, from the start. */
export type Deliver = (bytes: Uint8Array, from: number, to: number) => number;

/**
 * The receiving half of a connection: puts packets in order, and holds what its owner does not take.
 *
 * Invariant: `#ring` holds packets after `ackNr + 1` alone; `#unread` is in order and ends before it.
 */
export class Receiver {
  readonly #capacityBytes: number;
  readonly #held: HeldBytes;
  readonly #deliver: Deliver;
  readonly #ring: (Uint8Array | null)[] = Array.from({ length: RING_PACKETS }, () => null);
  readonly #unread: Uint8Array[] = [];
  #ahead = 0;
  #heldBytes = 0;
  #isClosed = false;
  /** The last packet that arrived in order. */
  ackNr: number;
  /** All that the other side had to say has arrived in order. */
  hasEnded = false;

  constructor(init: { ackNr: number; capacityBytes: number; held: HeldBytes; deliver: Deliver }) {
    this.ackNr = init.ackNr;
    this.#capacityBytes = init.capacityBytes;
    this.#held = init.held;
    this.#deliver = init.deliver;
  }

  /** What may still come. */
  get windowBytes(): number {
    return Math.max(0, this.#capacityBytes - this.#heldBytes);
  }

  get hasGap(): boolean {
    return this.#ahead > 0;
  }

  get hasUnread(): boolean {
    return this.#unread.length > 0;
  }

  /** Whether a packet is neither long past nor too far ahead to be kept. */
  isPlausible(seqNr: number): boolean {
    const steps = stepsBetween(this.ackNr, seqNr);
    return steps < RING_PACKETS || steps > 0x10000 - RING_PACKETS;
  }

  /**
   * Takes payload, or the end when `from` is `to`.
   * @returns `next` when it was the one that was missing, `ahead` when others are missing before it,
   * `known` when it was here before or there is no room for it.
   */
  take(
    seqNr: number,
    bytes: Uint8Array,
    from: number,
    to: number,
    isFin: boolean,
  ): "next" | "ahead" | "known" {
    const steps = stepsBetween(this.ackNr, seqNr);
    if (steps === 0 || steps >= RING_PACKETS || this.hasEnded) return "known";
    if (steps > 1)
      return this.#keep(seqNr, isFin ? FIN : bytes.subarray(from, to)) ? "ahead" : "known";
    if (isFin) {
      this.ackNr = seqNr;
      this.hasEnded = true;
      this.#dropAhead();
      return "next";
    }
    if (!this.#handOn(bytes, from, to)) return "known";
    this.ackNr = seqNr;
    this.#closeGap();
    return "next";
  }

  /** Hands on what was held, as far as it is taken. */
  resume(): void {
    while (this.#unread.length > 0) {
      const bytes = this.#unread[0]!;
      const taken = this.#deliver(bytes, 0, bytes.length);
      this.#release(taken);
      if (taken < bytes.length) {
        if (taken > 0) this.#unread[0] = bytes.subarray(taken);
        return;
      }
      this.#unread.shift();
    }
  }

  /** Writes the bits of a selective acknowledgement. @returns Their length in bytes, a multiple of 4. */
  writeSelectiveAck(target: Uint8Array, offset: number): number {
    const first = nextSequence(this.ackNr, 2);
    let left = this.#ahead;
    let lengthBytes = 0;
    for (let at = 0; at < MAX_SELECTIVE_BYTES && left > 0; at++) {
      let bits = 0;
      for (let bit = 0; bit < 8; bit++) {
        const seqNr = nextSequence(first, at * 8 + bit);
        if (this.#ring[seqNr & (RING_PACKETS - 1)] === null) continue;
        bits |= 1 << bit;
        left--;
      }
      target[offset + at] = bits;
      lengthBytes = at + 1;
    }
    while (lengthBytes % 4 !== 0) target[offset + lengthBytes++] = 0;
    return lengthBytes;
  }

  /** Forgets everything, for good: it may be called while payload is being delivered. */
  clear(): void {
    this.#ring.fill(null);
    this.#ahead = 0;
    this.#unread.length = 0;
    this.#release(this.#heldBytes);
    this.#isClosed = true;
  }

  #handOn(bytes: Uint8Array, from: number, to: number): boolean {
    const taken = this.hasUnread ? 0 : this.#deliver(bytes, from, to);
    if (from + taken === to) return true;
    const rest = bytes.slice(from + taken, to);
    // What was taken cannot be taken again, so the rest of a packet is kept even beyond the limit.
    if (!this.#reserve(rest.length, taken > 0)) return false;
    this.#unread.push(rest);
    return true;
  }

  #keep(seqNr: number, bytes: Uint8Array): boolean {
    const at = seqNr & (RING_PACKETS - 1);
    if (this.#ring[at] !== null || !this.#reserve(bytes.length, false)) return false;
    this.#ring[at] = bytes === FIN ? FIN : bytes.slice();
    this.#ahead++;
    return true;
  }

  #closeGap(): void {
    while (this.#ahead > 0) {
      const seqNr = nextSequence(this.ackNr);
      const bytes = this.#ring[seqNr & (RING_PACKETS - 1)]!;
      if (bytes === null) return;
      this.#ring[seqNr & (RING_PACKETS - 1)] = null;
      this.#ahead--;
      this.ackNr = seqNr;
      if (bytes === FIN) {
        this.hasEnded = true;
        this.#dropAhead();
        return;
      }
      const taken = this.hasUnread ? 0 : this.#deliver(bytes, 0, bytes.length);
      this.#release(taken);
      if (taken < bytes.length) this.#unread.push(taken === 0 ? bytes : bytes.subarray(taken));
    }
  }

  /** Nothing follows the end. */
  #dropAhead(): void {
    if (this.#ahead === 0) return;
    for (let at = 0; at < RING_PACKETS; at++) {
      this.#release(this.#ring[at]?.length ?? 0);
      this.#ring[at] = null;
    }
    this.#ahead = 0;
  }

  #reserve(bytes: number, isForced: boolean): boolean {
    const isOver =
      this.#heldBytes + bytes > this.#capacityBytes ||
      this.#held.usedBytes + bytes > this.#held.limitBytes;
    if (isOver && !isForced) return false;
    this.#heldBytes += bytes;
    this.#held.usedBytes += bytes;
    return true;
  }

  #release(bytes: number): void {
    if (this.#isClosed) return;
    this.#heldBytes -= bytes;
    this.#held.usedBytes -= bytes;
  }
}
