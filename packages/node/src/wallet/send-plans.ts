import { type Address, balanceOf, isSameAsset, planSend, type SendPlan } from "@shoal/chain";
import type { Answer, Input } from "@shoal/api";
import type { Clock, Random } from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import { type AccountView, knownAddresses, openAccount } from "./account-view.ts";
import { assetOn } from "./asset-on.ts";
import { describeWarning } from "./describe-warning.ts";
import type { Networks } from "./networks.ts";
import type { Wallets } from "./wallets.ts";
import { withSigner } from "./with-signer.ts";

interface KeptPlan {
  readonly view: AccountView;
  readonly plan: SendPlan;
  readonly to: Address;
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
    const { name, account, asset: kind } = input;
    const view = await openAccount(this.#parts, name, account, input.network);
    const { network, address } = view;
    const asset = assetOn(network, kind);
    const to = network.parseAddress(input.to);
    const amount = BigInt(input.wei);
    const known = await knownAddresses(view);
    const plan = await planSend(network, { from: address, to, asset, amount, known });
    const balance = await balanceOf(network, asset, address);
    const { prepared, denomination, warnings } = plan;
    const fee = isSameAsset(asset, { kind: "coin" }) ? prepared.expectedFee : 0n;
    const expiresAtMs = this.#parts.clock.nowMs() + PLAN_MS;
    const planId = Buffer.from(this.#parts.random.bytes(16)).toString("hex");
    this.#keep(planId, { view, plan, to, expiresAtMs });
    const { coin } = network.info;
    return {
      planId,
      from: network.formatAddress(address),
      to: network.formatAddress(to),
      toName: known.find((each) => each.address === to)?.name ?? null,
      asset: kind,
      symbol: denomination.symbol,
      decimals: denomination.decimals,
      wei: String(amount),
      feeWei: String(prepared.expectedFee),
      maxFeeWei: String(prepared.maxFee),
      feeSymbol: coin.symbol,
      feeDecimals: coin.decimals,
      balanceAfterWei: String(balance - amount - fee < 0n ? 0n : balance - amount - fee),
      warnings: warnings.map((each) => describeWarning(network, each)),
      expiresAtMs,
    };
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
