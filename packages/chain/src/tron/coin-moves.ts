import { toTransactionId } from "../network/address.ts";
import type { CoinMove, CoinQuery } from "../network/network.ts";
import type { BlockRef } from "../network/transaction.ts";
import type { Endpoints } from "../rpc/endpoints.ts";
import { parseTronAddress } from "./address.ts";
import { readAmount, readFields, readList, readText, readTronBlock } from "./read-node.ts";

/** Nodes give up to 100 at once; a block of the main network has some hundred kilobytes. */
const BLOCKS_AT_ONCE = 20;

/** TRX that went from account to account in a range of blocks: by transfers, and along with calls that succeeded. */
export async function readCoinMoves(
  endpoints: Endpoints,
  { owner, fromBlock, toBlock }: CoinQuery,
): Promise<CoinMove[]> {
  const moves: CoinMove[] = [];
  for (let first = fromBlock; first <= toBlock; first += BLOCKS_AT_ONCE) {
    const end = Math.min(first + BLOCKS_AT_ONCE, toBlock + 1);
    const request = { startNum: first, endNum: end };
    const answer = await endpoints.ask("wallet/getblockbylimitnext", [request]);
    for (const block of readList(readFields(answer, "range of blocks")["block"] ?? [])) {
      moves.push(...movesIn(block).filter(({ from, to }) => from === owner || to === owner));
    }
  }
  return moves;
}

function movesIn(answer: unknown): CoinMove[] {
  const block = readTronBlock(answer);
  if (block === null) return [];
  const { transactions = [] } = readFields(answer, "block");
  return readList(transactions).flatMap((each): CoinMove[] => {
    const move = coinMoveOf(each, block);
    return move === null ? [] : [move];
  });
}

/** What of the coin a transaction moved: a transfer's amount, or what went along with a call that succeeded. */
export function coinMoveOf(transaction: unknown, block: BlockRef): CoinMove | null {
  const { txID, raw_data, ret = [] } = readFields(transaction, "transaction");
  const [outcome] = readList(ret);
  const { contractRet = "SUCCESS" } = readFields(outcome ?? {}, "transaction's result");
  const [contract] = readList(readFields(raw_data, "transaction")["contract"]);
  const { type, parameter } = readFields(contract, "contract");
  if (contractRet !== "SUCCESS") return null;
  const isTransfer = type === "TransferContract";
  if (!isTransfer && type !== "TriggerSmartContract") return null;
  const value = readFields(readFields(parameter, "parameter")["value"], "parameter");
  const amount = readAmount((isTransfer ? value["amount"] : value["call_value"]) ?? 0);
  if (amount === 0n) return null;
  const to = isTransfer ? value["to_address"] : value["contract_address"];
  return {
    asset: { kind: "coin" },
    from: parseTronAddress(readText(value["owner_address"])),
    to: parseTronAddress(readText(to)),
    amount,
    transactionId: toTransactionId(readText(txID)),
    block,
  };
}
