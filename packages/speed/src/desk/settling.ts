import type { Clock, Timer } from "@shoal/runtime";
import type { Attributed, Attributor } from "../settlement/attributor.ts";
import type { Redeemed, Redeemer } from "../settlement/redeemer.ts";

/** How often it is looked for what is worth redeeming; far more often than a payer could close a channel. */
const REDEEM_EVERY_MS = 10 * 60_000;

export interface SettlingInit {
  readonly clock: Clock;
  readonly redeemer: Redeemer;
  readonly attributor: Attributor;
  /** Whether it should be looked for what to redeem, whenever it is time. */
  isDue(): boolean;
  redeemed(redeemed: Redeemed): void;
  attributed(attributed: Attributed): void;
  failed(error: unknown): void;
}

/** What a settlement brought. */
export interface Settled {
  readonly redeemed: Redeemed;
  readonly attributed: Attributed;
}

/**
 * Redeems claims as long as it is open, and writes receipts down right after: what is redeemed in one epoch counts for
 * rewards in that one alone.
 */
export class Settling {
  readonly #init: SettlingInit;
  readonly #timer: Timer;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(init: SettlingInit) {
    this.#init = init;
    this.#timer = init.clock.setRepeating(REDEEM_EVERY_MS, () => this.#settleDue());
    this.#settleDue();
  }

  /**
   * Redeems what is worth it, then writes receipts down that became due by it. One settlement at a time.
   * @param all Whatever it is worth.
   * @throws {ChainError} when the chain cannot be asked or refuses; what was done before is noted.
   */
  async settle(all = false): Promise<Settled> {
    const turn = this.#turn.then(() => this.#settle(all));
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  /** Begins nothing more, and waits for what is under way. */
  async close(): Promise<void> {
    this.#timer.cancel();
    await this.#turn;
  }

  #settleDue(): void {
    if (this.#init.isDue()) this.settle().catch((error: unknown) => this.#init.failed(error));
  }

  async #settle(all: boolean): Promise<Settled> {
    const { redeemer, attributor } = this.#init;
    const redeemed = await redeemer.redeem(all);
    if (redeemed.claims > 0) this.#init.redeemed(redeemed);
    const attributed = await attributor.attribute(all);
    if (attributed.receipts > 0) this.#init.attributed(attributed);
    return { redeemed, attributed };
  }
}
