import type { Clock } from "@shoal/runtime";
import type { Bottleneck } from "./bottleneck.ts";

const PACKET_BYTES = 1500;
const PAYLOAD_BYTES = 1448;
const FIRST_WINDOW = 10;
const REORDERING = 3;
const TIMEOUT_MS = 1000;

/**
 * A TCP download that never ends, as other traffic on a line: slow start, additive increase, one halving a round
 * trip for loss (RFC 5681, with the selective acknowledgements of RFC 6675). Acknowledgements are never lost.
 */
export class RenoFlow {
  readonly #clock: Clock;
  readonly #line: Bottleneck;
  readonly #returnMs: number;
  #window = FIRST_WINDOW;
  #threshold = Infinity;
  #next = 0;
  #recoveryEnds = 0;
  readonly #flying = new Map<number, number>();
  #isRunning = true;
  deliveredBytes = 0;

  constructor(clock: Clock, line: Bottleneck, returnMs: number) {
    this.#clock = clock;
    this.#line = line;
    this.#returnMs = returnMs;
    this.#pump();
    this.#watch();
  }

  stop(): void {
    this.#isRunning = false;
  }

  #pump(): void {
    while (this.#isRunning && this.#flying.size < Math.floor(this.#window)) {
      const number = this.#next++;
      this.#flying.set(number, this.#clock.monotonicMs());
      this.#line.carry(PACKET_BYTES, () => {
        this.deliveredBytes += PAYLOAD_BYTES;
        this.#clock.setTimer(this.#returnMs, () => this.#acked(number));
      });
    }
  }

  #acked(number: number): void {
    if (!this.#flying.delete(number)) return;
    if (this.#window < this.#threshold) this.#window += 1;
    else this.#window += 1 / this.#window;
    for (const other of this.#flying.keys()) {
      if (other > number - REORDERING) break;
      // What was lost is sent again as a packet of a new number: only its bytes matter here.
      this.#flying.delete(other);
      if (other < this.#recoveryEnds) continue;
      this.#recoveryEnds = this.#next;
      this.#threshold = Math.max(2, this.#window / 2);
      this.#window = this.#threshold;
    }
    this.#pump();
  }

  #watch(): void {
    this.#clock.setTimer(TIMEOUT_MS / 4, () => {
      const oldest = this.#flying.values().next().value;
      if (oldest !== undefined && this.#clock.monotonicMs() - oldest > TIMEOUT_MS) {
        this.#threshold = Math.max(2, this.#window / 2);
        this.#window = 1;
        this.#flying.clear();
        this.#pump();
      }
      if (this.#isRunning) this.#watch();
    });
  }
}
