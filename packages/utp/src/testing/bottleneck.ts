import type { Clock } from "@shoal/runtime";

export interface LineOptions {
  /** Infinity when absent. */
  readonly bytesPerSecond?: number;
  /** What the router's queue holds; what comes on top is dropped. Without bound when absent. */
  readonly queueBytes?: number;
  /** One way, beside the queue. */
  readonly latencyMs: number;
}

/** One direction of a line with a queue before it, first come first served, as most home routers have it. */
export class Bottleneck {
  readonly #clock: Clock;
  readonly #options: LineOptions;
  #freeAtMs = 0;
  #longestQueueMs = 0;

  constructor(clock: Clock, options: LineOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** How long a packet that comes now would wait. */
  get queueMs(): number {
    return Math.max(0, this.#freeAtMs - this.#clock.monotonicMs());
  }

  /** The longest wait since this was last asked. */
  takeLongestQueueMs(): number {
    const longestMs = this.#longestQueueMs;
    this.#longestQueueMs = 0;
    return longestMs;
  }

  /** Carries a packet. @returns False when it was dropped. */
  carry(lengthBytes: number, arrived: () => void, extraMs = 0): boolean {
    const { bytesPerSecond = Infinity, queueBytes = Infinity, latencyMs } = this.#options;
    const bytesPerMs = bytesPerSecond / 1000;
    const waitingBytes = bytesPerMs === Infinity ? 0 : this.queueMs * bytesPerMs;
    if (waitingBytes + lengthBytes > queueBytes) return false;
    const nowMs = this.#clock.monotonicMs();
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + lengthBytes / bytesPerMs;
    this.#longestQueueMs = Math.max(this.#longestQueueMs, this.#freeAtMs - nowMs);
    this.#clock.setTimer(this.#freeAtMs - nowMs + latencyMs + extraMs, arrived);
    return true;
  }
}
