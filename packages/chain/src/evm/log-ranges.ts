import { ChainError, RpcError } from "../errors.ts";
import type { LogQuery } from "../network/network.ts";
import type { Log } from "../network/transaction.ts";
import type { Endpoints } from "../rpc/endpoints.ts";
import { readLogs, toQuantity } from "./read-answer.ts";

/** What most public nodes serve at once; those that serve less say so, and are asked for half. */
const BLOCKS_AT_ONCE = 2_000;

/** How nodes say that a range is too long, or has too many entries: there is no code for it. */
const TOO_MUCH = /range|limit|too many|exceed|more than|response size|timed? ?out/i;

/**
 * Entries of a range of any length, in the order of the chain.
 * @throws {ChainError} `bad-answer` when a node answers with what was not asked for.
 */
export async function readLogsInRange(endpoints: Endpoints, query: LogQuery): Promise<Log[]> {
  const { fromBlock, toBlock } = query;
  const found: Log[] = [];
  let size = BLOCKS_AT_ONCE;
  for (let first = fromBlock; first <= toBlock;) {
    const last = Math.min(toBlock, first + size - 1);
    try {
      found.push(...(await readPart(endpoints, query, first, last)));
    } catch (error) {
      if (first === last || !isTooMuch(error)) throw error;
      size = Math.ceil((last - first + 1) / 2);
      continue;
    }
    first = last + 1;
  }
  return found.sort((a, b) => a.block.number - b.block.number || a.index - b.index);
}

async function readPart(
  endpoints: Endpoints,
  query: LogQuery,
  fromBlock: number,
  toBlock: number,
): Promise<Log[]> {
  const { addresses, topics, assurance } = query;
  const filter = {
    fromBlock: toQuantity(fromBlock),
    toBlock: toQuantity(toBlock),
    ...(addresses !== undefined && { address: addresses }),
    ...(topics !== undefined && { topics }),
  };
  const read = (answer: unknown) => {
    const logs = readLogs(answer);
    for (const log of logs) assertAskedFor(log, query, fromBlock, toBlock);
    return logs;
  };
  if (assurance === "quorum") return await endpoints.agree("eth_getLogs", [filter], read);
  return await endpoints.ask("eth_getLogs", [filter], read);
}

/** A node that mixes in entries of other contracts would invent payments. */
function assertAskedFor(
  log: Log,
  { addresses, topics = [] }: LogQuery,
  fromBlock: number,
  toBlock: number,
): void {
  const isOfAddress = addresses?.includes(log.address) ?? true;
  const isInRange = log.block.number >= fromBlock && log.block.number <= toBlock;
  const hasTopics = topics.every((wanted, at) => {
    const topic = log.topics[at];
    if (wanted === null || wanted === undefined) return true;
    const any = typeof wanted === "string" ? [wanted] : wanted;
    return any.some((each) => each.toLowerCase() === topic);
  });
  if (isOfAddress && isInRange && hasTopics) return;
  throw new ChainError("bad-answer", "A node answers with entries that were not asked for.");
}

function isTooMuch(error: unknown): boolean {
  const cause = error instanceof ChainError ? error.cause : error;
  return cause instanceof RpcError && (cause.code === -32005 || TOO_MUCH.test(cause.message));
}
