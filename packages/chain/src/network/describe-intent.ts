import { decodeFunctionData, erc20Abi } from "viem";
import type { Spending } from "../accounts/signer.ts";
import { type Address, toAddress } from "./address.ts";
import { formatAmount } from "./amount.ts";
import type { Asset, Denomination } from "./network-info.ts";
import type { AssetMove, CallIntent, Intent, PreparedTransaction } from "./transaction.ts";

/** What a call of a token means, as far as its data tells. */
export type TokenCall =
  | {
      readonly kind: "transfer";
      readonly from: Address | null;
      readonly to: Address;
      readonly amount: bigint;
    }
  | { readonly kind: "approve"; readonly spender: Address; readonly amount: bigint };

/** Reads a call as one of ERC-20's functions; null when it is none. */
export function readTokenCall({ data }: CallIntent): TokenCall | null {
  try {
    const { functionName, args } = decodeFunctionData({ abi: erc20Abi, data });
    switch (functionName) {
      case "transfer":
        return { kind: "transfer", from: null, to: toAddress(args[0]), amount: args[1] };
      case "transferFrom":
        return {
          kind: "transfer",
          from: toAddress(args[0]),
          to: toAddress(args[1]),
          amount: args[2],
        };
      case "approve":
        return { kind: "approve", spender: toAddress(args[0]), amount: args[1] };
      default:
        return null;
    }
  } catch {
    return null;
  }
}

/**
 * What the sender may lose by a transaction: coin and fees, what a token's call says, and what the caller has said of
 * his own. Leave to spend counts as spent.
 */
export function spendingOf({ intent, maxFee }: PreparedTransaction): Spending[] {
  const coin: Asset = { kind: "coin" };
  const spends: Spending[] = [{ asset: coin, amount: maxFee + (intent.amount ?? 0n) }];
  if (intent.kind !== "call") return spends;
  if (intent.spends !== undefined) return [...spends, ...intent.spends];
  const call = readTokenCall(intent);
  if (call === null || (call.kind === "transfer" && call.from !== null)) return spends;
  return [...spends, { asset: { kind: "token", address: intent.to }, amount: call.amount }];
}

/** What an intent moves, as far as its own data tells; null for a call that is not known. */
export function movesOf(intent: Intent, from: Address): AssetMove[] | null {
  const coin = (to: Address): AssetMove[] =>
    (intent.amount ?? 0n) === 0n
      ? []
      : [{ asset: { kind: "coin" }, from, to, amount: intent.amount ?? 0n }];
  if (intent.kind === "transfer") return coin(intent.to);
  if (intent.kind === "deploy") return [];
  const call = readTokenCall(intent);
  if (call === null) return null;
  if (call.kind === "approve") return coin(intent.to);
  const asset: Asset = { kind: "token", address: intent.to };
  const move = { asset, from: call.from ?? from, to: call.to, amount: call.amount };
  return [...coin(intent.to), move];
}

/** One line about what is wanted, in bare units: a wallet that knows the tokens says it better. */
export function summaryOf(intent: Intent, coin: Denomination): string {
  const amount = `${formatAmount(intent.amount ?? 0n, coin.decimals)} ${coin.symbol}`;
  switch (intent.kind) {
    case "transfer":
      return `send ${amount} to ${intent.to}`;
    case "deploy":
      return `deploy ${intent.contractName ?? "a contract"}`;
    case "call":
      break;
  }
  if (intent.summary !== undefined) return intent.summary;
  const call = readTokenCall(intent);
  if (call?.kind === "transfer") return `send ${call.amount} units of ${intent.to} to ${call.to}`;
  if (call?.kind === "approve") {
    return `let ${call.spender} spend ${call.amount} units of ${intent.to}`;
  }
  return `call ${intent.data.slice(0, 10)} of ${intent.to}${(intent.amount ?? 0n) > 0n ? ` with ${amount}` : ""}`;
}
