import type { Clock } from "@shoal/runtime";
import { PayWireError } from "../errors.ts";
import type { PayMessage } from "../wire/pay-message.ts";

/** Each takes about as long as a signature's check: some tens of microseconds. */
const PER_SECOND = 256;
/** What may come at once. */
const BURST = 512;
/** The payee asks the chain about each bid. */
const BID_COST = 64;

/**
 * How much work a stranger may make with signed messages: a signature's check for every block that moves, since small
 * windows are paid block by block, and some more in each second.
 */
export class MessageBudget {
  readonly #clock: Clock;
  #left = BURST;
  #filledAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#filledAtMs = clock.monotonicMs();
  }

  /** A block moved, either way. Called for every block. */
  earn(): void {
    this.#left++;
  }

  /** @throws {PayWireError} when there was too much of it. */
  spend(type: PayMessage["type"]): void {
    if (type === "ack" || type === "reject") return;
    const nowMs = this.#clock.monotonicMs();
    const gained = ((nowMs - this.#filledAtMs) * PER_SECOND) / 1000;
    this.#filledAtMs = nowMs;
    this.#left = Math.min(BURST, this.#left + gained) - (type === "bid" ? BID_COST : 1);
    if (this.#left < 0) throw new PayWireError("more signed messages than anybody needs");
  }
}
