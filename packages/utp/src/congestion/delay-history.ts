/** RFC 6817 keeps ten minutes of minima: long enough to survive a busy phase, short enough to follow a new route. */
const MINUTES = 10;
const MINUTE_MS = 60_000;
/** The least of so many samples counts: single late packets say nothing of the queue. */
const CURRENT_SAMPLES = 3;

/**
 * What one direction's delays tell. Samples are differences of two clocks, so only changes mean
 * something: the least of the last minutes is taken for the path without any queue, and what a sample is above
 * it for the queue. Values are 32-bit microseconds and wrap around.
 */
export class DelayHistory {
  readonly #minima = new Uint32Array(MINUTES);
  readonly #current = new Uint32Array(CURRENT_SAMPLES);
  #minute = 0;
  #minuteEndsMs = 0;
  #currentAt = 0;
  #isEmpty = true;
  #baseUs = 0;

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** The least sample of the last minutes. */
  get baseUs(): number {
    return this.#baseUs;
  }

  /** How long packets wait on the way now. */
  get queueUs(): number {
    let leastUs = 0xffff_ffff;
    for (const sampleUs of this.#current) leastUs = Math.min(leastUs, this.#aboveBase(sampleUs));
    return leastUs;
  }

  /** @param sampleUs Arrival by one clock less departure by another, in 32 bits. */
  add(sampleUs: number, nowMs: number): void {
    if (this.#isEmpty) {
      this.#isEmpty = false;
      this.#minima.fill(sampleUs);
      this.#current.fill(sampleUs);
      this.#baseUs = sampleUs;
      this.#minuteEndsMs = nowMs + MINUTE_MS;
      return;
    }
    this.#current[this.#currentAt] = sampleUs;
    this.#currentAt = (this.#currentAt + 1) % CURRENT_SAMPLES;
    if (isBelow(sampleUs, this.#minima[this.#minute]!)) this.#minima[this.#minute] = sampleUs;
    if (isBelow(sampleUs, this.#baseUs)) this.#baseUs = sampleUs;
    if (nowMs >= this.#minuteEndsMs) this.#turnMinute(sampleUs, nowMs);
  }

  /** The clocks were found to drift: what was a delay of x is now one of x + byUs. */
  shift(byUs: number): void {
    for (let at = 0; at < MINUTES; at++) this.#minima[at]! += byUs;
    this.#baseUs = (this.#baseUs + byUs) >>> 0;
  }

  #turnMinute(sampleUs: number, nowMs: number): void {
    this.#minuteEndsMs = nowMs + MINUTE_MS;
    this.#minute = (this.#minute + 1) % MINUTES;
    this.#minima[this.#minute] = sampleUs;
    let baseUs = sampleUs;
    for (const minimumUs of this.#minima) if (isBelow(minimumUs, baseUs)) baseUs = minimumUs;
    this.#baseUs = baseUs;
  }

  #aboveBase(sampleUs: number): number {
    return isBelow(sampleUs, this.#baseUs) ? 0 : (sampleUs - this.#baseUs) >>> 0;
  }
}

function isBelow(aUs: number, bUs: number): boolean {
  return (aUs - bUs) >> 0 < 0;
}
