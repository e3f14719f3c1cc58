import { signal } from "@preact/signals";
import { api } from "../browser/connection.ts";
import type { OutsidePlan } from "./outside-account.ts";
import type { Transaction } from "./wallet-state.ts";

/** A payment that this page has handed to a browser's wallet. */
export interface OutsidePayment extends Transaction {
  readonly from: string;
}

const LOOK_MS = 2000;
/** Whoever waits longer looks into the wallet, which may have replaced it. */
const MOST_LOOKS = 300;

/** Payments of this visit, newest first; networks tell of those in blocks alone. */
export const outsidePayments = signal<readonly OutsidePayment[]>([]);

/** Follows a payment until it is final, or has failed. */
export function watchPayment(network: string, id: string, plan: OutsidePlan): void {
  const { from, to, toName, asset, symbol, decimals, wei } = plan;
  const payment: OutsidePayment = {
    ...{ from, id, network, asset, symbol, decimals, wei },
    state: "pending",
    atMs: Date.now(),
    block: null,
    summary: null,
    action: null,
    direction: from.toLowerCase() === to.toLowerCase() ? "self" : "out",
    counterparty: to,
    counterpartyName: toName,
    url: null,
  };
  outsidePayments.value = [payment, ...outsidePayments.peek()];
  void follow(payment);
}

async function follow({ network, id }: OutsidePayment): Promise<void> {
  for (let look = 0; look < MOST_LOOKS; look++) {
    try {
      const { state, block, url } = await api.call("getTransactionState", { network, id });
      change(id, { state: state === "unknown" ? "pending" : state, block, url });
      if (state === "final" || state === "failed") return;
    } catch {
      // The network or the daemon is away: later.
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function change(id: string, part: Partial<OutsidePayment>): void {
  outsidePayments.value = outsidePayments
    .peek()
    .map((payment) => (payment.id === id ? { ...payment, ...part } : payment));
}
