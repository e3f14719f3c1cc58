import { ChainError, RevertError } from "../errors.ts";
import type { Address } from "../network/address.ts";
import { formatAmount } from "../network/amount.ts";
import type { Asset, Denomination } from "../network/network-info.ts";
import type { Network } from "../network/network.ts";
import { balanceOf, denominationOf, isSameAsset, transferIntent } from "../network/token.ts";
import type { Intent, PreparedTransaction, Urgency } from "../network/transaction.ts";
import { checkRecipient, type KnownAddress, type RecipientWarning } from "./check-recipient.ts";

export interface SendRequest {
  readonly from: Address;
  readonly to: Address;
  readonly asset: Asset;
  readonly amount: bigint;
  readonly known: readonly KnownAddress[];
  readonly urgency?: Urgency;
  readonly maxFee?: bigint;
}

/** Everything that somebody has to see before a payment is signed. */
export interface SendPlan {
  readonly intent: Intent;
  readonly denomination: Denomination;
  /** What was tried out on the network's present state. */
  readonly prepared: PreparedTransaction;
  readonly warnings: readonly RecipientWarning[];
  /** Lines for people: what will happen, and what it costs. */
  readonly description: readonly string[];
}

/**
 * Finds out what a payment would do, signing nothing.
 * @throws {ChainError} `insufficient-funds`, of what is sent or of what fees are paid with; `refused` for recipients who
 * could never spend it.
 * @throws {RevertError} when the token refuses.
 */
export async function planSend(network: Network, request: SendRequest): Promise<SendPlan> {
  const { from, to, asset, amount, known, urgency, maxFee } = request;
  if (amount <= 0n)
    throw new ChainError("bad-amount", "There is nothing to send: the amount is 0.");
  const denomination = await denominationOf(network, asset);
  const warnings = await checkRecipient(network, from, to, asset, known);
  const balance = await balanceOf(network, asset, from);
  const show = (value: bigint) =>
    `${formatAmount(value, denomination.decimals)} ${denomination.symbol}`;
  if (balance < amount) {
    throw new ChainError(
      "insufficient-funds",
      `${show(balance)} are there, and ${show(amount)} are to be sent.`,
    );
  }
  const intent = transferIntent(asset, to, amount);
  const simulation = await network.simulate(intent, from);
  if (!simulation.ok && simulation.code === "reverted") {
    throw new RevertError(simulation.data === "0x" ? null : simulation.reason, simulation.data);
  }
  const prepared = await network.prepare(intent, {
    from,
    ...(urgency !== undefined && { urgency }),
    ...(maxFee !== undefined && { maxFee }),
  });
  const { coin, title, isPlayMoney } = network.info;
  const fee = (value: bigint) => `${formatAmount(value, coin.decimals)} ${coin.symbol}`;
  const name = known.find(({ address }) => address === to)?.name;
  const description = [
    `send ${show(amount)}`,
    `from ${network.formatAddress(from)}`,
    `to   ${network.formatAddress(to)}${name === null || name === undefined ? "" : ` (${name})`}`,
    `on   ${title}${isPlayMoney ? "; it is play money" : ""}`,
    `fee  about ${fee(prepared.expectedFee)}, ${fee(prepared.maxFee)} at the most`,
    `left ${show(balance - amount - (isSameAsset(asset, { kind: "coin" }) ? prepared.expectedFee : 0n))}`,
  ];
  return { intent, denomination, prepared, warnings, description };
}
