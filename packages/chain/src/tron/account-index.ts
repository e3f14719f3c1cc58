import { ChainError, RpcError } from "../errors.ts";
import { readReceipt } from "../evm/read-answer.ts";
import {
  type Address,
  toAddress,
  toTransactionId,
  type TransactionId,
} from "../network/address.ts";
import type { CoinMove, CoinQuery, LogQuery } from "../network/network.ts";
import type { BlockRef, Log } from "../network/transaction.ts";
import type { Endpoints } from "../rpc/endpoints.ts";
import { formatTronAddress } from "./address.ts";
import { coinMoveOf } from "./coin-moves.ts";
import { readFields, readList, readNatural, readText, readTronBlock } from "./read-node.ts";
import { isWantedLog } from "./tron-logs.ts";
import { TRANSFER_TOPIC } from "./trial.ts";

/** From so many blocks on an account's index is asked instead of every block: an hour of them. */
export const LONG_RANGE_BLOCKS = 1_200;

const PAGE = 200;
/** 20,000 movements: more than that nobody looks through at once. */
const MAX_PAGES = 100;

/**
 * A token's transfers of one account in a long range of blocks, by the index that services keep beside the chain
 * (TronGrid's v1): the index names the transactions, the chain's own receipts say what happened in them.
 * @returns null for any other question, and where there is no index.
 */
export async function readIndexedTransfers(
  endpoints: Endpoints,
  query: LogQuery,
): Promise<Log[] | null> {
  const { addresses = [], topics = [], fromBlock, toBlock } = query;
  const [token, ...others] = addresses;
  const [signature, from = null, to = null] = topics;
  const owner = ownerOf(from ?? to);
  const isOne = token !== undefined && others.length === 0 && (from === null) !== (to === null);
  if (!isOne || owner === null || signature !== TRANSFER_TOPIC) return null;
  if (toBlock - fromBlock < LONG_RANGE_BLOCKS || query.assurance === "quorum") return null;
  const path = `v1/accounts/${formatTronAddress(owner)}/transactions/trc20`;
  const side = from === null ? "only_to" : "only_from";
  const filter = `contract_address=${formatTronAddress(token)}&${side}=true`;
  const entries = await readPages(endpoints, path, filter);
  if (entries === null) return null;
  const ids = new Set(
    entries.map((entry) =>
      toTransactionId(readText(readFields(entry, "movement")["transaction_id"])),
    ),
  );
  const found: Log[] = [];
  for (const id of ids) {
    const receipt = readReceipt(await endpoints.ask("eth_getTransactionReceipt", [id]));
    const { number } = receipt?.block ?? { number: -1 };
    if (receipt === null || number < fromBlock || number > toBlock) continue;
    found.push(...receipt.logs.filter((log) => isWantedLog(log, query)));
  }
  return found.sort((a, b) => a.block.number - b.block.number || a.index - b.index);
}

/**
 * The coin that came to an account and went, in a long range of blocks, by the same index.
 * @returns null for a short range, and where there is no index.
 */
export async function readIndexedCoinMoves(
  endpoints: Endpoints,
  { owner, fromBlock, toBlock }: CoinQuery,
): Promise<CoinMove[] | null> {
  if (toBlock - fromBlock < LONG_RANGE_BLOCKS) return null;
  const path = `v1/accounts/${formatTronAddress(owner)}/transactions`;
  const entries = await readPages(endpoints, path, "search_internal=false");
  if (entries === null) return null;
  const blocks = new Map<number, BlockRef | null>();
  const seen = new Set<TransactionId>();
  const moves: CoinMove[] = [];
  for (const entry of entries) {
    const { blockNumber } = readFields(entry, "movement");
    const number = readNatural(Number(blockNumber));
    if (number < fromBlock || number > toBlock) continue;
    if (!blocks.has(number)) {
      const request = { id_or_num: String(number), detail: false };
      blocks.set(number, readTronBlock(await endpoints.ask("wallet/getblock", [request])));
    }
    const block = blocks.get(number) ?? null;
    const move = block === null ? null : coinMoveOf(entry, block);
    if (move === null || (move.from !== owner && move.to !== owner)) continue;
    if (!seen.has(move.transactionId)) moves.push(move);
    seen.add(move.transactionId);
  }
  return moves.sort((a, b) => a.block.number - b.block.number);
}

async function readPages(
  endpoints: Endpoints,
  path: string,
  filter: string,
): Promise<unknown[] | null> {
  const entries: unknown[] = [];
  let fingerprint = "";
  for (let page = 0; page < MAX_PAGES; page++) {
    const more = fingerprint === "" ? "" : `&fingerprint=${encodeURIComponent(fingerprint)}`;
    let answer: unknown;
    try {
      answer = await endpoints.ask(`${path}?limit=${PAGE}&${filter}${more}`);
    } catch (error) {
      // A node of one's own keeps no index; one that breaks off in the middle is an error.
      const isMissing = error instanceof RpcError || error instanceof ChainError;
      if (isMissing && page === 0) return null;
      throw error;
    }
    const { data, success, meta } = readFields(answer, "page");
    if (success !== true) return null;
    entries.push(...readList(data));
    const next = readFields(meta ?? {}, "page's end")["fingerprint"];
    if (typeof next !== "string" || next === "") return entries;
    fingerprint = next;
  }
  throw new ChainError(
    "unsupported",
    `This account has moved more than ${MAX_PAGES * PAGE} times: ask for a shorter range.`,
  );
}

function ownerOf(topic: unknown): Address | null {
  if (typeof topic !== "string" || !/^0x0{24}[0-9a-f]{40}$/i.test(topic)) return null;
  return toAddress(`0x${topic.slice(-40)}`);
}
