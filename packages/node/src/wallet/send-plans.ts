import type { SendPlan } from "@shoal/chain";
import type { Answer, Input } from "@shoal/api";
import type { Clock, Random } from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import { type AccountView, knownAddresses, openAccount } from "./account-view.ts";
import type { Networks } from "./networks.ts";
import { planPayment } from "./plan-payment.ts";
import type { Wallets } from "./wallets.ts";
import { withSigner } from "./with-signer.ts";

interface KeptPlan {
  readonly view: AccountView;
  readonly plan: SendPlan;
  readonly expiresAtMs: number;
}

export interface SendPlansInit {
  readonly wallets: Wallets;
  readonly networks: Networks;
  readonly clock: Clock;
  readonly random: Random;
}

/** What a plan says of fees and balances is old after this. */
const PLAN_MS = 5 * 60_000;
const MAX_PLANS = 200;

/** Payments that were looked at and wait for a yes. Each is carried out as it was shown, once. */
export class SendPlans {
  readonly #parts: SendPlansInit;
  readonly #plans = new Map<string, KeptPlan>();

  constructor(parts: SendPlansInit) {
    this.#parts = parts;
  }

  /** Finds out what a payment would do, signing nothing. @throws {ChainError}, {RevertError}, {AccountError}. */
  async plan(input: Input<"planSend">): Promise<Answer<"planSend">> {
    const { name, account, network } = input;
    const view = await openAccount(this.#parts, name, account, network);
    const known = await knownAddresses(view);
    const { plan, shown } = await planPayment(view, input, known);
    const expiresAtMs = this.#parts.clock.nowMs() + PLAN_MS;
    const planId = Buffer.from(this.#parts.random.bytes(16)).toString("hex");
    this.#keep(planId, { view, plan, expiresAtMs });
    return { planId, ...shown, expiresAtMs };
  }

  /**
   * Signs and sends a plan as it was shown: never for more than its fee. A second time answers the first one's payment.
   * @param password Unlocks for this payment alone; absent where the wallet is unlocked.
   * @returns the transaction's ID, and whose account it is of.
   * @throws {NodeError} `not-found` for a plan that is not known, or too old; {ChainError}; {AccountError}.
   */
  async confirm(name: string, planId: string, password: string | undefined) {
    const kept = this.#plans.get(planId);
    if (kept === undefined || kept.view.file.name !== name || this.#isOld(kept)) {
      this.#plans.delete(planId);
      throw new NodeError("not-found", "This payment was planned too long ago: plan it again.", {
        reason: "plan-too-old",
      });
    }
    const { view, plan } = kept;
    const sent = await withSigner(this.#parts.wallets, view, password, (signer) =>
      view.sender.send(plan.intent, signer, {
        maxFee: plan.prepared.maxFee,
        key: `plan ${planId}`,
      }),
    );
    return { id: sent.id, view };
  }

  #keep(planId: string, kept: KeptPlan): void {
    for (const [id, each] of this.#plans) {
      if (this.#isOld(each) || this.#plans.size >= MAX_PLANS) this.#plans.delete(id);
    }
    this.#plans.set(planId, kept);
  }

  #isOld({ expiresAtMs }: KeptPlan): boolean {
    return this.#parts.clock.nowMs() > expiresAtMs;
  }
}
