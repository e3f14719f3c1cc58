/** Bytes a second that go to sources whose address is not proven, and how many may be saved up. */
const RATE_BYTES_PER_SECOND = 64 * 1024;
const BURST_BYTES = 256 * 1024;

/**
 * What answers to sources that are not verified may cost together. A forged sender's address turns a
 * node into an amplifier that hits somebody else; whatever comes in, no more than this goes out.
 */
export class AnswerBudget {
  #bytes = BURST_BYTES;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** Takes what an answer costs, or takes nothing and returns false. */
  spend(lengthBytes: number, nowMs: number): boolean {
    const gained = ((nowMs - this.#atMs) * RATE_BYTES_PER_SECOND) / 1000;
    this.#bytes = Math.min(BURST_BYTES, this.#bytes + gained);
    this.#atMs = nowMs;
    if (this.#bytes < lengthBytes) return false;
    this.#bytes -= lengthBytes;
    return true;
  }
}
