import { RpcError } from "../errors.ts";
import type { Evm } from "./evm.ts";
import { TRANSACTION_GAS_LIMIT } from "./genesis.ts";
import { RPC_CODES } from "./rpc-error.ts";
import type { RpcParams } from "./rpc-params.ts";

/** What the EVM may be asked as it is: nothing that changes it, and nothing of its own. */
const PLAIN: ReadonlySet<string> = new Set([
  "eth_blobBaseFee",
  "eth_blockNumber",
  "eth_feeHistory",
  "eth_gasPrice",
  "eth_getBalance",
  "eth_getBlockByHash",
  "eth_getBlockByNumber",
  "eth_getBlockTransactionCountByHash",
  "eth_getBlockTransactionCountByNumber",
  "eth_getCode",
  "eth_getProof",
  "eth_getStorageAt",
  "eth_getTransactionByBlockHashAndIndex",
  "eth_getTransactionByBlockNumberAndIndex",
  "eth_getTransactionByHash",
  "eth_getTransactionCount",
  "eth_getTransactionReceipt",
  "eth_maxPriorityFeePerGas",
  "web3_sha3",
]);

/** Logs of one answer. */
export const MAX_LOGS = 10_000;

export function isReadMethod(method: string): boolean {
  return (
    PLAIN.has(method) ||
    method === "eth_call" ||
    method === "eth_estimateGas" ||
    method === "eth_getLogs" ||
    method === "eth_getBlockReceipts"
  );
}

/** Asks the EVM for what changes nothing. @throws {RpcError} */
export async function read(evm: Evm, params: RpcParams): Promise<unknown> {
  const { method, all } = params;
  switch (method) {
    case "eth_call":
    case "eth_estimateGas":
      return await evm.request(method, [boundGas(params.record(0)), ...withBlock(all)]);
    case "eth_getLogs":
      return await readLogs(evm, params.record(0));
    case "eth_getBlockReceipts":
      return await readReceipts(evm, all[0]);
    default:
      return await evm.request(method, all);
  }
}

/** @throws {RpcError} when there are too many. */
export async function readLogs(
  evm: Evm,
  filter: Readonly<Record<string, unknown>>,
): Promise<readonly unknown[]> {
  const logs = (await evm.request("eth_getLogs", [filter])) as readonly unknown[];
  if (logs.length <= MAX_LOGS) return logs;
  const text = `query returned more than ${MAX_LOGS} results: ask for fewer blocks at once`;
  throw new RpcError(RPC_CODES.limit, text);
}

/** Gas beyond what a transaction may have is cut down to that, as public nodes do. */
function boundGas(call: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { gas } = call;
  const isBounded = typeof gas === "string" && Number(gas) <= TRANSACTION_GAS_LIMIT;
  return { ...call, gas: isBounded ? gas : `0x${TRANSACTION_GAS_LIMIT.toString(16)}` };
}

/** What a call would do is asked about the newest block where none is named. */
function withBlock(all: readonly unknown[]): readonly unknown[] {
  return [all[1] ?? "latest", ...all.slice(2)];
}

async function readReceipts(evm: Evm, block: unknown): Promise<readonly unknown[] | null> {
  const isHash = typeof block === "string" && block.length === 66;
  const method = isHash ? "eth_getBlockByHash" : "eth_getBlockByNumber";
  const found = (await evm.request(method, [block, false])) as {
    readonly transactions: readonly string[];
  } | null;
  if (found === null) return null;
  if (found.transactions.length === 0) return [];
  return await evm.batch(
    found.transactions.map((hash) => ["eth_getTransactionReceipt", [hash]] as const),
  );
}
