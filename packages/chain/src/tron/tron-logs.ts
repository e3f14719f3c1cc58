import { ChainError, RpcError } from "../errors.ts";
import { readLogsInRange } from "../evm/log-ranges.ts";
import { type Address, toAddress, toTransactionId } from "../network/address.ts";
import type { LogQuery } from "../network/network.ts";
import type { BlockRef, Log } from "../network/transaction.ts";
import type { Endpoints } from "../rpc/endpoints.ts";
import { readFields, readHex, readList, readText, readTronBlock } from "./read-node.ts";

/** Without JSON-RPC every block is looked through: further back than some four hours that takes too long. */
const MAX_SCANNED_BLOCKS = 5_000;
const BLOCKS_AT_ONCE = 8;

/**
 * Entries of a range of blocks. Services speak JSON-RPC, which finds them at once; a node of one's own may not, and is
 * asked for every block.
 */
export async function readTronLogs(endpoints: Endpoints, query: LogQuery): Promise<Log[]> {
  return await unlessWithoutJsonRpc(
    () => readLogsInRange(endpoints, query),
    () => scan(endpoints, query),
  );
}

/** Every entry of one block, in order. */
export async function readLogsOfBlock(
  endpoints: Endpoints,
  block: BlockRef,
  assurance: LogQuery["assurance"],
): Promise<Log[]> {
  const params = [{ num: block.number }];
  const read = (answer: unknown) => logsOf(answer, block);
  const method = "wallet/gettransactioninfobyblocknum";
  if (assurance === "quorum") return await endpoints.agree(method, params, read);
  return read(await endpoints.ask(method, params));
}

/** Does the one thing, or where the node has no JSON-RPC, the other. */
export async function unlessWithoutJsonRpc<T>(
  byJsonRpc: () => Promise<T>,
  otherwise: () => Promise<T>,
): Promise<T> {
  try {
    return await byJsonRpc();
  } catch (error) {
    // A node that is not there at all fails the other way as well.
    const isMissing =
      error instanceof RpcError
        ? error.code === -32601
        : error instanceof ChainError &&
          (error.code === "unreachable" || error.code === "bad-answer");
    if (!isMissing) throw error;
    return await otherwise();
  }
}

async function scan(endpoints: Endpoints, query: LogQuery): Promise<Log[]> {
  const { fromBlock, toBlock, assurance } = query;
  if (toBlock - fromBlock >= MAX_SCANNED_BLOCKS) {
    throw new ChainError(
      "unsupported",
      `This node has no JSON-RPC, so that at most ${MAX_SCANNED_BLOCKS} blocks can be looked through at once. ` +
        "Name another endpoint with --rpc.",
    );
  }
  const found: Log[] = [];
  for (let first = fromBlock; first <= toBlock; first += BLOCKS_AT_ONCE) {
    const count = Math.min(BLOCKS_AT_ONCE, toBlock - first + 1);
    const parts = await Promise.all(
      Array.from({ length: count }, async (_, at) => {
        const request = { id_or_num: String(first + at), detail: false };
        const block = readTronBlock(await endpoints.ask("wallet/getblock", [request]));
        return block === null ? [] : await readLogsOfBlock(endpoints, block, assurance);
      }),
    );
    found.push(...parts.flat().filter((log) => isWantedLog(log, query)));
  }
  return found;
}

/** Whether an entry is one that is asked for, its block aside. */
export function isWantedLog(log: Log, { addresses, topics = [] }: LogQuery): boolean {
  if (addresses !== undefined && !addresses.includes(log.address)) return false;
  return topics.every((wanted, at) => {
    if (wanted === null) return true;
    const any = typeof wanted === "string" ? [wanted] : wanted;
    return any.some((each) => each.toLowerCase() === log.topics[at]);
  });
}

function logsOf(answer: unknown, block: BlockRef): Log[] {
  // A block without transactions is an empty object.
  const infos = Array.isArray(answer) ? readList(answer) : [];
  const logs = infos.flatMap((each) => {
    const { id, log = [] } = readFields(each, "outcome");
    const transactionId = toTransactionId(readText(id));
    return readList(log).map((entry) => {
      const { address, topics = [], data = "" } = readFields(entry, "entry");
      return {
        address: addressOfLog(readText(address)),
        topics: readList(topics).map((topic) => readHex(topic)),
        data: readHex(data),
        block: { number: block.number, hash: block.hash },
        transactionId,
      };
    });
  });
  return logs.map((log, index) => ({ ...log, index }));
}

/** Nodes leave the 41 out here. */
function addressOfLog(text: string): Address {
  return toAddress(`0x${text.slice(-40)}`);
}
