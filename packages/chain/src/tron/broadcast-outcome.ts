import { ChainError } from "../errors.ts";
import type { NetworkInfo } from "../network/network-info.ts";
import type { BroadcastOutcome } from "../network/transaction.ts";
import type { Answer } from "../rpc/endpoints.ts";
import { readFields, textOfHex } from "./read-node.ts";

/** Nodes that cannot just now: what becomes of the transaction is open. */
const NOT_NOW = new Set([
  "SERVER_BUSY",
  "NO_CONNECTION",
  "NOT_ENOUGH_EFFECTIVE_CONNECTION",
  "BLOCK_UNSOLIDIFIED",
  "OTHER_ERROR",
  // A node that is behind does not know the block yet that the transaction builds on.
  "TAPOS_ERROR",
]);
const SHORT_OF_FUNDS = /balance is not sufficient|not sufficient/i;

/** What a node said to a broadcast. */
export type BroadcastAnswer =
  | { readonly kind: "taken" }
  | { readonly kind: "expired"; readonly reason: string }
  | { readonly kind: "refused"; readonly isShortOfFunds: boolean; readonly reason: string }
  /** No answer, or none that says anything: the node may have it. */
  | { readonly kind: "open"; readonly error: unknown };

export function readBroadcastAnswer(answer: Answer): BroadcastAnswer {
  if ("error" in answer) return { kind: "open", error: answer.error };
  const { result, code, message } = readFields(answer.result, "broadcast's outcome");
  if (result === true) return { kind: "taken" };
  const word = typeof code === "string" ? code : "no code";
  const reason = [word, textOfHex(message)].filter((part) => part !== "").join(": ");
  if (word === "DUP_TRANSACTION_ERROR") return { kind: "taken" };
  if (word === "TRANSACTION_EXPIRATION_ERROR") return { kind: "expired", reason };
  if (NOT_NOW.has(word) || word === "no code") {
    return { kind: "open", error: new ChainError("unreachable", reason) };
  }
  const isShortOfFunds = word === "BANDWITH_ERROR" || SHORT_OF_FUNDS.test(reason);
  return { kind: "refused", isShortOfFunds, reason };
}

/**
 * What came of handing a transaction to every endpoint, those that say it expired left out. Transactions of TRON have no
 * number, so that a second one would be paid too: as long as one endpoint may have it, it is not refused.
 * @throws {ChainError} `unreachable` when it may or may not be there.
 */
export function classifyBroadcast(
  answers: readonly BroadcastAnswer[],
  info: NetworkInfo,
): BroadcastOutcome {
  if (answers.some(({ kind }) => kind === "taken")) return { state: "accepted" };
  const open = answers.find((answer) => answer.kind === "open");
  const refused = answers.find((answer) => answer.kind === "refused");
  if (open !== undefined || refused === undefined) {
    const why = open?.error instanceof Error ? ` ${open.error.message}` : "";
    throw new ChainError(
      "unreachable",
      `No endpoint of ${info.title} has taken the transaction. It is kept, and sent again later.${why}`,
      { cause: open?.error },
    );
  }
  const code = refused.isShortOfFunds ? "insufficient-funds" : "refused";
  return { state: "rejected", code, reason: refused.reason };
}
