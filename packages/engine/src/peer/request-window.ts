/** How many blocks to have outstanding, in blocks. */
const FIRST_TARGET = 16;
const LEAST_TARGET = 4;
/** On a path without delay more than this only spills the processor's cache (measured: 4 MiB). */
const LOCAL_TARGET = 256;
const LOCAL_LATENCY_MS = 5;
/** What clients that do not say (BEP 10, `reqq`) take at the least. */
const DEFAULT_MOST = 250;
/** Covers the other side's pauses: its disk, its scheduler, its other peers. */
const SLACK_S = 0.5;
const BLOCK_BYTES = 16 * 1024;
const ROUND_MS = 100;

/**
 * Sizes one peer's request pipeline by itself.
 *
 * It doubles every round trip while that brings more speed (slow start), and then holds what the
 * measured rate needs: two round trips and some slack, so that the other side never runs dry.
 */
export class RequestWindow {
  #target = FIRST_TARGET;
  #most = DEFAULT_MOST;
  #slowStart = true;
  #leastLatencyMs = Infinity;
  #roundStartMs = 0;
  #roundBytes = 0;
  #lastRate = 0;

  /** Blocks to have outstanding now. */
  get target(): number {
    return this.#target;
  }

  /** The round trip at its quickest, in ms; `Infinity` before the first block. */
  get leastLatencyMs(): number {
    return this.#leastLatencyMs;
  }

  /** The other side's `reqq`. */
  setMost(blocks: number): void {
    this.#most = Math.max(1, Math.min(blocks, 2000));
    this.#target = Math.min(this.#target, this.#most);
  }

  /** Blocks arrived; `latencyMs` is the time from the request of the last of them. */
  received(nowMs: number, lengthBytes: number, latencyMs: number): void {
    if (latencyMs < this.#leastLatencyMs) this.#leastLatencyMs = latencyMs;
    this.#roundBytes += lengthBytes;
    if (this.#slowStart) {
      const most = this.#leastLatencyMs < LOCAL_LATENCY_MS ? LOCAL_TARGET : Infinity;
      this.#target = this.#bounded(Math.min(this.#target + lengthBytes / BLOCK_BYTES, most));
    }
    const elapsedMs = nowMs - this.#roundStartMs;
    if (elapsedMs < ROUND_MS) return;
    // A long round counts when the block was awaited all the while: a slow peer. Else it was idle.
    if (elapsedMs < 4 * ROUND_MS || latencyMs >= elapsedMs)
      this.#endRound(this.#roundBytes / (elapsedMs / 1000));
    this.#roundStartMs = nowMs;
    this.#roundBytes = 0;
  }

  /** The peer stopped answering: begin again, gently. */
  collapse(): void {
    this.#target = 1;
    this.#slowStart = true;
    this.#lastRate = 0;
  }

  #endRound(rate: number): void {
    if (this.#slowStart) {
      if (rate < this.#lastRate * 1.1) this.#slowStart = false;
    } else {
      const roundTripS = Math.min(this.#leastLatencyMs, 10_000) / 1000;
      const wanted = (rate * (2 * roundTripS + SLACK_S)) / BLOCK_BYTES;
      const most = Math.max(LOCAL_TARGET, (2 * rate * roundTripS) / BLOCK_BYTES);
      this.#target = this.#bounded(Math.min(wanted, most));
    }
    this.#lastRate = Math.max(rate, this.#lastRate * 0.9);
  }

  #bounded(target: number): number {
    return Math.max(1, Math.min(Math.max(LEAST_TARGET, Math.round(target)), this.#most));
  }
}
