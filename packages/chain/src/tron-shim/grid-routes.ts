import {
  decodeEventLog,
  decodeFunctionResult,
  encodeFunctionData,
  erc20Abi,
  toEventSignature,
} from "viem";
import type { AbiEvent } from "viem";
import { type Address, type Hex, ZERO_ADDRESS } from "../network/address.ts";
import { formatTronAddress } from "../tron/address.ts";
import type { TronAbiEntry } from "../tron/contract-abi.ts";
import type { IncludedTransaction } from "./included-transaction.ts";
import { addressOfTopic, type JsonObject, NodeJson } from "./node-json.ts";
import type { Parameters } from "./parameters.ts";
import type { ShimChain } from "./shim-chain.ts";
import type { VmLog } from "./vm.ts";
import type { Json } from "./write-json.ts";

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 200;
/** Keccak-256 of `Transfer(address,address,uint256)`. */
const TRANSFER_TOPIC = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
const TRANSFER_TOPICS = 3;

interface Happening {
  readonly transaction: IncludedTransaction;
  readonly log: VmLog;
  readonly index: number;
}

/**
 * What TronGrid serves beside the node's own API: events by contract and by transaction, and what accounts did.
 * @see the reference of TronGrid's v1 API
 */
export class GridRoutes {
  readonly #chain: ShimChain;
  readonly #json = new NodeJson(false);

  constructor(chain: ShimChain) {
    this.#chain = chain;
  }

  /** @param path Behind `v1/`. @returns null when there is no such path. */
  async answer(path: readonly string[], parameters: Parameters): Promise<JsonObject | null> {
    const [kind, id = "", what, which] = path;
    if (kind === "contracts" && what === "events") return this.#eventsOf(id, parameters);
    if (kind === "transactions" && what === "events") {
      return this.#page(
        this.#events(parameters, (event) => event.transaction.id === id),
        parameters,
      );
    }
    if (kind === "blocks" && what === "events") {
      const number = id === "latest" ? this.#chain.head.number : Number(id);
      const isWanted = (event: Happening) => event.transaction.blockNumber === number;
      return this.#page(this.#events(parameters, isWanted), parameters);
    }
    if (kind !== "accounts" || what !== "transactions") return null;
    const address = this.#json.readAddress(id);
    return which === "trc20"
      ? this.#tokenTransfers(address, parameters)
      : this.#accountTransactions(address, parameters);
  }

  #eventsOf(id: string, parameters: Parameters): JsonObject {
    const address = this.#json.readAddress(id);
    const name = parameters.text("event_name");
    const block = parameters.text("block_number");
    const events = this.#events(parameters, ({ log, transaction }) => {
      if (log.address !== address) return false;
      return block === "" || transaction.blockNumber === Number(block);
    });
    const named = name === "" ? events : events.filter((event) => event["event_name"] === name);
    return this.#page(named, parameters);
  }

  #events(parameters: Parameters, isWanted: (event: Happening) => boolean): JsonObject[] {
    return this.#happenings(parameters)
      .filter(isWanted)
      .map((event) => this.#eventJson(event));
  }

  #eventJson({ transaction, log, index }: Happening): JsonObject {
    const { event, result, resultType, name } = this.#decode(log);
    const contract = formatTronAddress(log.address);
    return {
      block_number: transaction.blockNumber,
      block_timestamp: transaction.blockTimestampMs,
      caller_contract_address: contract,
      contract_address: contract,
      event_index: index,
      event_name: name,
      result,
      result_type: resultType,
      event,
      transaction_id: transaction.id,
      ...(!this.#isSolid(transaction) && { _unconfirmed: true }),
    };
  }

  /** By the ABI that the contract was deployed with: without one, an event has no name. */
  #decode(log: VmLog): {
    name: string;
    event: string;
    result: JsonObject;
    resultType: JsonObject;
  } {
    const abi = (this.#chain.contract(log.address)?.deployment.abi ?? []).flatMap(eventOf);
    try {
      const topics = log.topics as [Hex, ...Hex[]];
      const { eventName, args } = decodeEventLog({ abi, topics, data: log.data });
      const event = abi.find(
        (candidate) =>
          candidate.name === eventName &&
          candidate.inputs.length === topics.length - 1 + unindexed(candidate),
      );
      if (event === undefined) throw new RangeError("not in the ABI");
      const values = Object.values((args ?? {}) as Record<string, unknown>).map(textOf);
      const result: Record<string, Json> = {};
      const resultType: Record<string, Json> = {};
      event.inputs.forEach(({ name = "", type }, index) => {
        const value = values[index] ?? "";
        result[String(index)] = value;
        if (name !== "") result[name] = value;
        resultType[name === "" ? String(index) : name] = type;
      });
      return { name: event.name, event: toEventSignature(event), result, resultType };
    } catch {
      return { name: "", event: "", result: {}, resultType: {} };
    }
  }

  async #tokenTransfers(address: Address, parameters: Parameters): Promise<JsonObject> {
    const contract = parameters.text("contract_address");
    const only = contract === "" ? null : this.#json.readAddress(contract);
    const transfers = this.#happenings(parameters).filter(({ log }) => {
      if (log.topics[0] !== TRANSFER_TOPIC || log.topics.length !== TRANSFER_TOPICS) return false;
      if (only !== null && log.address !== only) return false;
      const isFrom = addressOfTopic(log.topics[1]) === address;
      const isTo = addressOfTopic(log.topics[2]) === address;
      if (parameters.flag("only_to")) return isTo;
      return parameters.flag("only_from") ? isFrom : isFrom || isTo;
    });
    const data: JsonObject[] = [];
    for (const { transaction, log } of transfers) {
      data.push({
        transaction_id: transaction.id,
        token_info: await this.#tokenInfo(log.address),
        block_timestamp: transaction.blockTimestampMs,
        from: formatTronAddress(addressOfTopic(log.topics[1])),
        to: formatTronAddress(addressOfTopic(log.topics[2])),
        type: "Transfer",
        value: BigInt(log.data === "0x" ? "0x0" : log.data).toString(),
      });
    }
    return this.#page(data, parameters);
  }

  async #tokenInfo(token: Address): Promise<JsonObject> {
    const ask = async (functionName: "symbol" | "name" | "decimals") => {
      const data = encodeFunctionData({ abi: erc20Abi, functionName });
      const { output } = await this.#chain.simulate({
        from: ZERO_ADDRESS,
        to: token,
        valueSun: 0n,
        data,
      });
      return decodeFunctionResult({ abi: erc20Abi, functionName, data: output });
    };
    const address = formatTronAddress(token);
    try {
      const [symbol, decimals, name] = [
        await ask("symbol"),
        await ask("decimals"),
        await ask("name"),
      ];
      return { symbol, address, decimals, name };
    } catch {
      return { address };
    }
  }

  #accountTransactions(address: Address, parameters: Parameters): JsonObject {
    const data = [...this.#chain.transactions()]
      .filter((transaction) => this.#isWanted(transaction, parameters))
      .filter(({ transaction }) => {
        const { contract } = transaction.raw;
        if (contract.kind === "other") return false;
        const isFrom = contract.owner === address;
        const isTo = contract.kind === "transfer" && contract.to === address;
        if (parameters.flag("only_to")) return isTo;
        return parameters.flag("only_from") ? isFrom : isFrom || isTo;
      })
      .map((transaction) => {
        const { ret: _ret, visible: _visible, ...json } = this.#json.included(transaction);
        const { execution } = transaction;
        return {
          ret: [{ contractRet: execution?.result ?? "SUCCESS", fee: transaction.feeSun }],
          ...json,
          net_usage: transaction.netUsage,
          net_fee: transaction.netFeeSun,
          energy_usage: execution?.energyOfStake ?? 0n,
          energy_fee: execution?.energyFeeSun ?? 0n,
          energy_usage_total: execution?.energy ?? 0n,
          blockNumber: transaction.blockNumber,
          block_timestamp: transaction.blockTimestampMs,
          internal_transactions: [],
        };
      });
    return this.#page(
      parameters.text("order_by").endsWith(",asc") ? data : data.reverse(),
      parameters,
    );
  }

  /** In the order that is asked for; newest first when none is. */
  #happenings(parameters: Parameters): Happening[] {
    const happenings = [...this.#chain.transactions()]
      .filter((transaction) => this.#isWanted(transaction, parameters))
      .flatMap((transaction) =>
        transaction.logs.map((log, index) => ({ transaction, log, index })),
      );
    return parameters.text("order_by").endsWith(",asc") ? happenings : happenings.reverse();
  }

  #isWanted(transaction: IncludedTransaction, parameters: Parameters): boolean {
    const isSolid = this.#isSolid(transaction);
    if (parameters.flag("only_confirmed") && !isSolid) return false;
    if (parameters.flag("only_unconfirmed") && isSolid) return false;
    const bound = (name: string, otherwise: number) => {
      const text =
        parameters.text(`${name}_block_timestamp`) || parameters.text(`${name}_timestamp`);
      return text === "" ? otherwise : Number(text);
    };
    const timeMs = transaction.blockTimestampMs;
    return timeMs >= bound("min", 0) && timeMs <= bound("max", Number.MAX_SAFE_INTEGER);
  }

  #isSolid({ blockNumber }: IncludedTransaction): boolean {
    return blockNumber <= this.#chain.solid.number;
  }

  /** A page; `fingerprint` is where the next begins. */
  #page(data: readonly JsonObject[], parameters: Parameters): JsonObject {
    const limit = Math.min(Math.max(parameters.number("limit") || DEFAULT_LIMIT, 1), MAX_LIMIT);
    const start = Math.max(Number(parameters.text("fingerprint") || 0), 0);
    const page = data.slice(start, start + limit);
    const next = start + page.length;
    return {
      data: page,
      success: true,
      meta: {
        at: this.#chain.head.timestampMs,
        page_size: page.length,
        ...(next < data.length && { fingerprint: String(next) }),
      },
    };
  }
}

function eventOf(entry: TronAbiEntry): AbiEvent[] {
  if (entry.type !== "event") return [];
  const inputs = entry.inputs.map(({ name, type, indexed }) => ({ name, type, indexed }));
  return [{ type: "event", name: entry.name, inputs, anonymous: entry.anonymous }];
}

function unindexed(event: AbiEvent): number {
  return event.inputs.filter(({ indexed }) => indexed !== true).length;
}

/** Addresses as 20 bytes behind `0x`, other bytes without it, numbers as digits. */
function textOf(value: unknown): string {
  if (typeof value === "string") {
    return /^0x[0-9a-fA-F]{40}$/.test(value) ? value.toLowerCase() : value.replace(/^0x/, "");
  }
  return Array.isArray(value) ? value.map(textOf).join(",") : String(value);
}
