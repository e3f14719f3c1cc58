import { ChainError, RpcError } from "../errors.ts";
import type { NetworkInfo } from "../network/network-info.ts";
import type { BroadcastOutcome } from "../network/transaction.ts";
import { type Answer, isFinalRefusal } from "../rpc/endpoints.ts";

/** Nodes have no codes for these: geth's, Erigon's, Nethermind's, Besu's and Hardhat's words. */
const KNOWN = /already known|known transaction|already imported|already exists|alreadyexists/i;
const STALE =
  /nonce too low|nonce is too low|old ?nonce|nonce has already been used|invalid nonce.*expected/i;
const UNFUNDED = /insufficient funds|enough funds|upfront cost|insufficient balance/i;
const UNDERPRICED =
  /underpriced|fee too low|gas price.*(?:below|less|minimum)|less than block base fee|base ?fee.*(?:higher|exceeds)|feetoolow/i;

/**
 * What came of handing a transaction to every endpoint. One that has it is enough; that others fail or refuse it again
 * is of no weight then.
 * @throws {ChainError} `unreachable` when none has answered: it may or may not be there.
 */
export function classifyBroadcast(answers: readonly Answer[], info: NetworkInfo): BroadcastOutcome {
  const refusals: RpcError[] = [];
  let trouble: unknown;
  for (const answer of answers) {
    if ("result" in answer) return { state: "accepted" };
    const { error } = answer;
    if (error instanceof RpcError && KNOWN.test(error.message)) return { state: "accepted" };
    if (error instanceof RpcError && (isFinalRefusal(error) || STALE.test(error.message))) {
      refusals.push(error);
    } else trouble = error;
  }
  // A number that is used up is final, whatever the others say.
  const stale = refusals.find(({ message }) => STALE.test(message));
  if (stale !== undefined) return { state: "stale", reason: stale.message };
  const refusal = refusals[0];
  if (refusal === undefined) {
    if (trouble instanceof ChainError && trouble.code !== "unreachable") throw trouble;
    throw new ChainError(
      "unreachable",
      `No endpoint of ${info.title} has taken the transaction. It is kept, and sent again later.`,
      { cause: trouble },
    );
  }
  const { message } = refusal;
  if (UNFUNDED.test(message))
    return { state: "rejected", code: "insufficient-funds", reason: message };
  if (UNDERPRICED.test(message)) return { state: "rejected", code: "underpriced", reason: message };
  return { state: "rejected", code: "refused", reason: message };
}
