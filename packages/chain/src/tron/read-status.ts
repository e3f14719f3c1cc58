import { ChainError } from "../errors.ts";
import { readReceipt } from "../evm/read-answer.ts";
import type { TransactionId } from "../network/address.ts";
import type { Reading } from "../network/network.ts";
import type { Receipt, TransactionStatus } from "../network/transaction.ts";
import type { Endpoints } from "../rpc/endpoints.ts";
import { parseTronAddress } from "./address.ts";
import {
  readFields,
  readList,
  readText,
  readTronBlock,
  readTronInfo,
  type TronInfo,
} from "./read-node.ts";
import { readLogsOfBlock, unlessWithoutJsonRpc } from "./tron-logs.ts";

/** What a receipt says, beside the time of its block and the fee. */
type Outcome = Omit<Receipt, "block" | "fee"> & {
  readonly block: Pick<Receipt["block"], "number" | "hash">;
};

type Ask = <T>(
  method: string,
  params: readonly unknown[],
  read: (answer: unknown) => T,
) => Promise<T>;

/** What is known of a transaction: fee and outcome by the node's own API, entries and their places by its JSON-RPC. */
export async function readStatus(
  endpoints: Endpoints,
  id: TransactionId,
  { assurance }: Pick<Reading, "assurance">,
): Promise<TransactionStatus> {
  const ask: Ask = async (method, params, read) =>
    assurance === "quorum"
      ? await endpoints.agree(method, params, read)
      : read(await endpoints.ask(method, params));
  const request = [{ value: id.slice(2) }];
  const info = await ask("wallet/gettransactioninfobyid", request, readTronInfo);
  if (info === null) {
    return { state: (await isPending(endpoints, request)) ? "pending" : "unknown" };
  }
  if (info.id !== id) {
    throw new ChainError("bad-answer", `A node answers with another outcome than that of ${id}.`);
  }
  const at = { id_or_num: String(info.blockNumber), detail: false };
  const [block, latest, final] = await Promise.all([
    ask("wallet/getblock", [at], readTronBlock),
    endpoints.ask("wallet/getblock", [{ detail: false }]).then(readTronBlock),
    ask("walletsolidity/gettransactioninfobyid", request, readTronInfo),
  ]);
  const receipt: Outcome | null = await unlessWithoutJsonRpc<Outcome | null>(
    () => ask("eth_getTransactionReceipt", [id], readReceipt),
    () => composeReceipt(endpoints, ask, info, assurance),
  );
  // Between the questions the block may have been undone.
  if (receipt === null || block === null || receipt.block.hash !== block.hash) {
    return { state: "pending" };
  }
  if (receipt.id !== id) {
    throw new ChainError("bad-answer", `A node answers with another receipt than that of ${id}.`);
  }
  const { isSuccess, feeSun } = info;
  // Nodes differ about whom a deployment goes to.
  const to = receipt.contractAddress === null ? receipt.to : null;
  return {
    state: "included",
    receipt: { ...receipt, to, isSuccess: isSuccess && receipt.isSuccess, fee: feeSun, block },
    confirmations: Math.max(1, (latest?.number ?? 0) - block.number + 1),
    isFinal: final !== null && final.blockNumber === block.number,
  };
}

/** What JSON-RPC would say, from what the node's own API says in several places. */
async function composeReceipt(
  endpoints: Endpoints,
  ask: Ask,
  info: TronInfo,
  assurance: Reading["assurance"],
): Promise<Outcome | null> {
  const at = { id_or_num: String(info.blockNumber), detail: false };
  const block = await ask("wallet/getblock", [at], readTronBlock);
  if (block === null) return null;
  const request = [{ value: info.id.slice(2) }];
  const parties = await ask("wallet/gettransactionbyid", request, readParties);
  const logs = info.hasLogs ? await readLogsOfBlock(endpoints, block, assurance) : [];
  const { isDeployment, from, to } = parties;
  return {
    id: info.id,
    block,
    isSuccess: info.isSuccess,
    from,
    to,
    contractAddress: isDeployment ? info.contractAddress : null,
    logs: logs.filter(({ transactionId }) => transactionId === info.id),
  };
}

function readParties(answer: unknown) {
  const { raw_data } = readFields(answer, "transaction");
  const [contract] = readList(readFields(raw_data, "transaction")["contract"]);
  const { type, parameter } = readFields(contract, "contract");
  const value = readFields(readFields(parameter, "parameter")["value"], "parameter");
  const to = value["to_address"] ?? value["contract_address"];
  return {
    isDeployment: type === "CreateSmartContract",
    from: parseTronAddress(readText(value["owner_address"])),
    to: typeof to === "string" ? parseTronAddress(to) : null,
  };
}

/** Nodes tell what waits where they keep it; those of services often do not. */
async function isPending(endpoints: Endpoints, request: readonly unknown[]): Promise<boolean> {
  try {
    const answer = await endpoints.ask("wallet/gettransactionfrompending", request);
    return readFields(answer, "transaction")["txID"] !== undefined;
  } catch (error) {
    if (error instanceof ChainError && error.code === "unreachable") throw error;
    return false;
  }
}
