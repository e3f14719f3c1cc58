/** The queue that LEDBAT lets stand at the bottleneck (BEP 29, `CCONTROL_TARGET`). */
const TARGET_US = 100_000;
/** Growth of the window a round trip while no queue stands (libutp's and libtorrent's value). */
const GAIN_BYTES_PER_ROUND_TRIP = 3000;
/** Slow start ends a little below the target, since what is under way will still lengthen the queue. */
const SLOW_START_END_US = TARGET_US * 0.9;
const FIRST_PACKETS = 3;

/** What became of packets, as congestion control sees it. */
export interface AckReport {
  readonly ackedBytes: number;
  /** How long packets wait in queues; null while that is not known. */
  readonly queueUs: number | null;
  /** Whether the window held data back since the last report: without need it does not grow. */
  readonly isLimited: boolean;
}

/**
 * How much may be under way: LEDBAT (RFC 6817, BEP 29). While the queue is short the window grows; above 100 ms it
 * shrinks, before TCP on the same line loses a packet, so that TCP goes first. Loss halves it.
 */
export class Ledbat {
  readonly #maxWindowBytes: number;
  #packetBytes: number;
  #windowBytes: number;
  #thresholdBytes = Infinity;
  #isSlowStart = true;

  constructor(packetBytes: number, maxWindowBytes: number) {
    this.#packetBytes = packetBytes;
    this.#maxWindowBytes = maxWindowBytes;
    this.#windowBytes = FIRST_PACKETS * packetBytes;
  }

  /** Never less than one packet, so that something always moves and measures. */
  get windowBytes(): number {
    return this.#windowBytes;
  }

  get isSlowStart(): boolean {
    return this.#isSlowStart;
  }

  /** Payload of a full packet has changed. */
  setPacketBytes(packetBytes: number): void {
    this.#packetBytes = packetBytes;
    this.#set(this.#windowBytes);
  }

  acked({ ackedBytes, queueUs, isLimited }: AckReport): void {
    if (ackedBytes <= 0) return;
    if (this.#isSlowStart) {
      if (queueUs !== null && queueUs > SLOW_START_END_US) this.#endSlowStart();
      else if (isLimited) this.#set(this.#windowBytes + ackedBytes);
      if (this.#windowBytes >= this.#thresholdBytes) this.#endSlowStart();
      return;
    }
    const offTarget = queueUs === null ? 1 : (TARGET_US - queueUs) / TARGET_US;
    if (offTarget > 0 && !isLimited) return;
    const share = Math.min(ackedBytes / this.#windowBytes, 1);
    const change = GAIN_BYTES_PER_ROUND_TRIP * offTarget * share;
    this.#set(this.#windowBytes + Math.max(change, -(this.#windowBytes / 2) * share));
  }

  /** A packet was lost. To be called at most once a round trip. */
  lost(): void {
    this.#isSlowStart = false;
    this.#set(this.#windowBytes / 2);
    this.#thresholdBytes = this.#windowBytes;
  }

  /** Nothing was acknowledged in time: from one packet again. */
  timedOut(): void {
    this.#thresholdBytes = Math.max(this.#windowBytes / 2, 2 * this.#packetBytes);
    this.#isSlowStart = true;
    this.#set(this.#packetBytes);
  }

  #endSlowStart(): void {
    this.#isSlowStart = false;
    this.#thresholdBytes = this.#windowBytes;
  }

  #set(bytes: number): void {
    this.#windowBytes = Math.max(this.#packetBytes, Math.min(bytes, this.#maxWindowBytes));
  }
}
