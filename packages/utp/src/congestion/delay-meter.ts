import { DelayHistory } from "./delay-history.ts";

/** Clocks drift by less than this between two packets; more is a change of the route. */
const MAX_DRIFT_US = 10_000;

/** What packets suffer on their way in both directions, out of the two times that each packet carries. */
export class DelayMeter {
  /** Of packets of this side, as the other side measures it. */
  readonly #ours = new DelayHistory();
  readonly #theirs = new DelayHistory();
  /** What the next packet tells the other side of its last one; 32 bits of microseconds. */
  replyUs = 0;

  /** How long packets of this side wait in queues; null while that is not known. */
  get queueUs(): number | null {
    return this.#ours.isEmpty ? null : this.#ours.queueUs;
  }

  /**
   * A packet has come.
   * @param timestampUs When it was sent, by the other side's clock; 32 bits.
   * @param differenceUs What the other side says of our last packet; 0 for nothing.
   */
  add(timestampUs: number, differenceUs: number, nowMs: number): void {
    this.replyUs = (toMicroseconds(nowMs) - timestampUs) >>> 0;
    const { isEmpty, baseUs } = this.#theirs;
    this.#theirs.add(this.replyUs, nowMs);
    if (differenceUs !== 0) this.#ours.add(differenceUs, nowMs);
    if (isEmpty || this.#ours.isEmpty) return;
    // Their packets got faster than ever: the queue is not shorter than empty, so their clock runs faster
    // than ours, and by as much the delays that they measure seem to grow.
    const fellByUs = (baseUs - this.#theirs.baseUs) | 0;
    if (fellByUs > 0 && fellByUs <= MAX_DRIFT_US) this.#ours.shift(fellByUs);
  }
}

/** 32 bits of microseconds. */
export function toMicroseconds(ms: number): number {
  return Math.floor(ms * 1000) >>> 0;
}
