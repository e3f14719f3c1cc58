import { ChainError } from "../errors.ts";
import { type Hex, toAddress, ZERO_ADDRESS } from "../network/address.ts";
import { recoverTronSigner } from "../tron/signature.ts";
import type { IncludedTransaction } from "./included-transaction.ts";
import type { ShimBlock } from "./shim-block.ts";
import type { ShimChain } from "./shim-chain.ts";
import type { Json } from "./write-json.ts";

/** The longest range that `eth_getLogs` looks through, as nodes have it. */
const MAX_LOG_RANGE = 5000;

/** Not there, or not allowed: JSON-RPC's own code. */
export class JsonRpcError extends Error {
  readonly rpcCode: number;

  constructor(rpcCode: number, message: string) {
    super(message);
    this.rpcCode = rpcCode;
  }
}

/**
 * The part of Ethereum's JSON-RPC that TRON's nodes speak at `/jsonrpc`: it reads only. What would write is refused,
 * as nodes do: `eth_sendRawTransaction`, `eth_getTransactionCount`.
 * @see java-tron, `TronJsonRpc`
 */
export class ShimJsonRpc {
  readonly #chain: ShimChain;

  constructor(chain: ShimChain) {
    this.#chain = chain;
  }

  /** @throws {JsonRpcError} */
  async answer(method: string, params: readonly unknown[]): Promise<Json> {
    switch (method) {
      case "eth_chainId":
      case "net_version":
        return quantity(this.#chain.chainId);
      case "web3_clientVersion":
        return "TRON-emulation/shoal (an EVM, not a TVM)";
      case "eth_blockNumber":
        return quantity(this.#chain.head.number);
      case "eth_gasPrice":
        return quantity(this.#chain.parameters.energyFeeSun);
      case "eth_getBalance":
        return quantity(await this.#chain.balance(addressOf(params[0])));
      case "eth_getCode":
        return this.#chain.code(addressOf(params[0]));
      case "eth_getBlockByNumber": {
        const block = this.#blockAt(params[0]);
        return block === null ? null : this.#blockJson(block);
      }
      case "eth_getBlockByHash": {
        const block = this.#chain.blockById(stringOf(params[0]).replace(/^0x/, ""));
        return block === null ? null : this.#blockJson(block);
      }
      case "eth_call":
      case "eth_estimateGas":
        return this.#call(method, params);
      case "eth_getLogs":
        return this.#logs(recordOf(params[0]));
      case "eth_getTransactionReceipt":
      case "eth_getTransactionByHash":
        return this.#transaction(method, stringOf(params[0]).replace(/^0x/, ""));
      default:
        throw new JsonRpcError(-32601, `the method ${method} does not exist/is not available`);
    }
  }

  async #call(method: string, params: readonly unknown[]): Promise<Json> {
    if (method === "eth_call" && params[1] !== undefined && params[1] !== "latest") {
      throw new JsonRpcError(-32602, "QUANTITY not supported, just support TAG as latest");
    }
    const request = recordOf(params[0]);
    const to = addressOf(request["to"]);
    const data = request["data"] ?? request["input"] ?? "0x";
    if (this.#chain.contract(to) === null) {
      if (method === "eth_call") return "0x";
      return quantity(0);
    }
    const outcome = await this.#chain.simulate({
      from: request["from"] === undefined ? ZERO_ADDRESS : addressOf(request["from"]),
      to,
      valueSun: BigInt(stringOf(request["value"] ?? "0x0")),
      data: stringOf(data) as Hex,
    });
    if (outcome.result !== "SUCCESS") {
      throw new JsonRpcError(-32000, `${outcome.result} opcode executed`);
    }
    return method === "eth_call" ? outcome.output : quantity(outcome.energy);
  }

  #logs(filter: Readonly<Record<string, unknown>>): Json {
    const from = this.#numberOf(filter["fromBlock"]);
    const to = Math.min(this.#numberOf(filter["toBlock"]), this.#chain.head.number);
    if (to - from > MAX_LOG_RANGE) {
      throw new JsonRpcError(-32602, `exceed max block range: ${MAX_LOG_RANGE}`);
    }
    const addresses = listOf(filter["address"]).map(addressOf);
    const topics = Array.isArray(filter["topics"]) ? (filter["topics"] as unknown[]) : [];
    const found: Json[] = [];
    for (let number = from; number <= to; number++) {
      for (const transaction of this.#chain.block(number)?.transactions ?? []) {
        for (const [index, log] of transaction.logs.entries()) {
          const isThere = addresses.length === 0 || addresses.includes(log.address);
          const isWanted = topics.every((wanted, place) => {
            const any = wanted === null ? [] : listOf(wanted);
            return any.length === 0 || any.includes(log.topics[place]);
          });
          if (isThere && isWanted) found.push(this.#logJson(transaction, index));
        }
      }
    }
    return found;
  }

  async #transaction(method: string, id: string): Promise<Json> {
    const found = this.#chain.find(id);
    if (found === null) return null;
    const { contract } = found.transaction.raw;
    const [signature] = found.transaction.signatures;
    const from =
      contract.kind === "other"
        ? await recoverTronSigner(id, signature ?? new Uint8Array())
        : contract.owner;
    const common = {
      blockHash: `0x${this.#chain.block(found.blockNumber)?.id ?? ""}`,
      blockNumber: quantity(found.blockNumber),
      transactionIndex: "0x0",
      from,
      to: contract.kind === "transfer" ? contract.to : (found.execution?.contract ?? null),
    };
    if (method === "eth_getTransactionByHash") {
      return { ...common, hash: `0x${id}`, nonce: "0x0000000000000000" };
    }
    const { execution } = found;
    return {
      ...common,
      transactionHash: `0x${id}`,
      status: execution === null || execution.result === "SUCCESS" ? "0x1" : "0x0",
      gasUsed: quantity(execution?.energy ?? 0n),
      cumulativeGasUsed: quantity(execution?.energy ?? 0n),
      effectiveGasPrice: quantity(this.#chain.parameters.energyFeeSun),
      contractAddress: contract.kind === "deploy" ? (execution?.contract ?? null) : null,
      logs: found.logs.map((_, index) => this.#logJson(found, index)),
      logsBloom: `0x${"0".repeat(512)}`,
      type: "0x0",
    };
  }

  #logJson(transaction: IncludedTransaction, index: number): Json {
    const log = transaction.logs[index];
    if (log === undefined) return null;
    return {
      address: log.address,
      topics: log.topics,
      data: log.data,
      blockHash: `0x${this.#chain.block(transaction.blockNumber)?.id ?? ""}`,
      blockNumber: quantity(transaction.blockNumber),
      transactionHash: `0x${transaction.id}`,
      transactionIndex: "0x0",
      // Blocks have one transaction here: its entries are the block's.
      logIndex: quantity(index),
      removed: false,
    };
  }

  #blockJson(block: ShimBlock): Json {
    return {
      number: quantity(block.number),
      hash: `0x${block.id}`,
      parentHash: `0x${block.parentId}`,
      timestamp: quantity(Math.floor(block.timestampMs / 1000)),
      miner: block.witness,
      transactions: block.transactions.map(({ id }) => `0x${id}`),
      baseFeePerGas: "0x0",
    };
  }

  #blockAt(which: unknown): ShimBlock | null {
    return this.#chain.block(this.#numberOf(which));
  }

  #numberOf(which: unknown): number {
    if (which === undefined || which === "latest") return this.#chain.head.number;
    if (which === "earliest") return 0;
    if (which === "finalized") return this.#chain.solid.number;
    const text = stringOf(which);
    if (!/^0x[0-9a-f]{1,12}$/.test(text)) throw new JsonRpcError(-32602, "invalid block number");
    return Number(text);
  }
}

function quantity(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

function stringOf(value: unknown): string {
  if (typeof value !== "string") throw new JsonRpcError(-32602, "expected a text");
  return value;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== "object") {
    throw new JsonRpcError(-32602, "expected an object");
  }
  return value as Record<string, unknown>;
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** 20 bytes, with or without the 41 before them: nodes take both. */
function addressOf(value: unknown): ReturnType<typeof toAddress> {
  const text = stringOf(value).replace(/^0x/, "");
  try {
    return toAddress(`0x${text.length === 42 && text.startsWith("41") ? text.slice(2) : text}`);
  } catch (error) {
    throw new JsonRpcError(-32602, error instanceof ChainError ? error.message : "invalid address");
  }
}
