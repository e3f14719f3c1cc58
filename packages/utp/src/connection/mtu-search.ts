/** Below this difference a larger packet is not worth another probe. */
const STEP_BYTES = 32;
/** Losses of one size before it counts as too large: one may be congestion. */
const TRIES = 2;
/** A path that carried less may carry more later (RFC 8899, `PMTU_RAISE_TIMER`). */
const RAISE_AFTER_MS = 600_000;

/**
 * Finds the largest datagram that a path carries (packetization-layer path MTU discovery, RFC 8899). A probe is a packet
 * of the size known to work, lengthened by padding: it is lost without harm, with or without an
 * ICMP message, and sent again unpadded.
 */
export class MtuSearch {
  #highestBytes: number;
  #packetBytes: number;
  /** The smallest size that failed, or one more than may be tried. */
  #tooLargeBytes: number;
  #losses = 0;
  #probeBytes = 0;
  #isUnderWay = false;
  #restAtMs = Infinity;

  /**
   * @param safeBytes A datagram's payload that every path is believed to carry.
   * @param highestBytes The largest to try.
   */
  constructor(safeBytes: number, highestBytes: number) {
    this.#packetBytes = Math.min(safeBytes, highestBytes);
    this.#highestBytes = highestBytes;
    this.#tooLargeBytes = highestBytes + 1;
    this.#probeBytes = highestBytes;
  }

  /** Bytes of UDP payload that are known to get through. */
  get packetBytes(): number {
    return this.#packetBytes;
  }

  /** Larger packets may be tried from now on. */
  allow(highestBytes: number): void {
    if (highestBytes <= this.#highestBytes) return;
    this.#highestBytes = highestBytes;
    this.#tooLargeBytes = highestBytes + 1;
    this.#losses = 0;
    this.#restAtMs = Infinity;
    this.#probeBytes = highestBytes;
  }

  /** The size to probe with the next packet; 0 for none. */
  nextProbeBytes(nowMs: number): number {
    if (this.#isUnderWay) return 0;
    if (nowMs >= this.#restAtMs) {
      this.#restAtMs = Infinity;
      this.#tooLargeBytes = this.#highestBytes + 1;
      this.#probeBytes = this.#highestBytes;
    }
    return this.#probeBytes > this.#packetBytes ? this.#probeBytes : 0;
  }

  probeSent(): void {
    this.#isUnderWay = true;
  }

  probeAcked(bytes: number, nowMs: number): void {
    this.#isUnderWay = false;
    this.#losses = 0;
    this.#packetBytes = Math.max(this.#packetBytes, bytes);
    this.#chooseNext(nowMs);
  }

  probeLost(bytes: number, nowMs: number): void {
    this.#isUnderWay = false;
    if (++this.#losses < TRIES) return;
    this.#losses = 0;
    this.#tooLargeBytes = Math.min(this.#tooLargeBytes, bytes);
    this.#chooseNext(nowMs);
  }

  #chooseNext(nowMs: number): void {
    if (this.#tooLargeBytes - this.#packetBytes > STEP_BYTES) {
      this.#probeBytes = (this.#packetBytes + this.#tooLargeBytes) >> 1;
      return;
    }
    this.#probeBytes = 0;
    this.#restAtMs = this.#packetBytes < this.#highestBytes ? nowMs + RAISE_AFTER_MS : Infinity;
  }
}
