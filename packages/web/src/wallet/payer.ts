import type { Answer } from "@shoal/api/client";
import { api } from "../browser/connection.ts";
import { describeError } from "../state/notices.ts";
import { words } from "../words/words.ts";
import type { BrowserWallet } from "./browser-wallets.ts";
import {
  type ChainForWallets,
  describeWalletError,
  type OutsidePlan,
  sendPlanned,
} from "./outside-account.ts";
import { watchPayment } from "./outside-payments.ts";

/** What a payment will do, whoever signs it. */
export type ShownPlan = Omit<Answer<"planSend">, "planId" | "expiresAtMs">;

export interface Wanted {
  readonly asset: "coin" | "btt";
  readonly to: string;
  readonly wei: string;
}

/** Whose money is sent: it is looked at first, and then carried out as it was shown. */
export interface Payer<Plan extends ShownPlan = ShownPlan> {
  /** Who signs, for people. */
  readonly signer: string;
  /** What the last button says. */
  readonly payText: string;
  plan(wanted: Wanted): Promise<Plan>;
  /** @returns what is said when it is done. */
  pay(plan: Plan): Promise<string>;
  describeError(error: unknown): string;
}

/** A wallet of this node: the daemon signs. */
export function nodePayer(
  name: string,
  network: string,
  account: number,
): Payer<Answer<"planSend">> {
  const say = words.peek();
  return {
    signer: say.signsNode(name),
    payText: say.signAndSend,
    plan: async (wanted) => api.call("planSend", { name, network, account, ...wanted }),
    async pay({ planId }) {
      await api.call("confirmSend", { name, planId });
      return say.sentOff;
    },
    describeError,
  };
}

/** A wallet of this browser: it signs, after asking its user. */
export function outsidePayer(
  wallet: BrowserWallet,
  network: string,
  address: string,
  chain: ChainForWallets,
): Payer<OutsidePlan> {
  const say = words.peek();
  return {
    signer: say.signsOutside(wallet.name),
    payText: say.continueIn(wallet.name),
    plan: async (wanted) => api.call("planOutsideSend", { network, address, ...wanted }),
    async pay(plan) {
      const id = await sendPlanned(wallet, chain, plan);
      watchPayment(network, id, plan);
      return say.sentOff;
    },
    describeError: (error) =>
      error instanceof Error && error.name === "ApiError"
        ? describeError(error)
        : describeWalletError(error, wallet),
  };
}
