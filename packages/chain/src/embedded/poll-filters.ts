import type { Clock } from "@shoal/runtime";
import { numberToHex, type Hex } from "viem";
import { RpcError } from "../errors.ts";
import type { Evm } from "./evm.ts";
import { parseLogFilter } from "./log-filter.ts";
import { MAX_LOGS, readLogs } from "./read-methods.ts";
import { RPC_CODES } from "./rpc-error.ts";
import type { RpcParams } from "./rpc-params.ts";

type Filter = { nextBlock: number; usedMs: number } & (
  | { readonly kind: "blocks" }
  | { readonly kind: "transactions"; readonly hashes: Hex[] }
  | { readonly kind: "logs"; readonly criteria: Readonly<Record<string, unknown>> }
);

/** Filters that exist at once; anybody at the port may make them. */
const MAX_FILTERS = 256;
/** As geth's. */
const LIFETIME_MS = 5 * 60_000;

const METHODS: ReadonlySet<string> = new Set([
  "eth_newFilter",
  "eth_newBlockFilter",
  "eth_newPendingTransactionFilter",
  "eth_getFilterChanges",
  "eth_getFilterLogs",
  "eth_uninstallFilter",
]);

/** Filters that are asked for what is new, by clients without a lasting connection. */
export class PollFilters {
  readonly #evm: Evm;
  readonly #clock: Clock;
  readonly #filters = new Map<Hex, Filter>();
  #lastId = 0;

  constructor(evm: Evm, clock: Clock) {
    this.#evm = evm;
    this.#clock = clock;
  }

  isMethod(method: string): boolean {
    return METHODS.has(method);
  }

  /** @param headNumber Of the newest block. @throws {RpcError} */
  async answer(params: RpcParams, headNumber: number): Promise<unknown> {
    const usedMs = this.#clock.monotonicMs();
    const nextBlock = headNumber + 1;
    switch (params.method) {
      case "eth_newFilter": {
        const criteria = params.record(0);
        parseLogFilter(criteria);
        return this.#add({ kind: "logs", criteria, nextBlock, usedMs });
      }
      case "eth_newBlockFilter":
        return this.#add({ kind: "blocks", nextBlock, usedMs });
      case "eth_newPendingTransactionFilter":
        return this.#add({ kind: "transactions", hashes: [], nextBlock, usedMs });
      case "eth_uninstallFilter":
        return this.#filters.delete(idOf(params));
      case "eth_getFilterLogs": {
        const filter = this.#find(params);
        if (filter.kind !== "logs") throw notFound();
        return await readLogs(this.#evm, filter.criteria);
      }
      default:
        return await this.#changes(this.#find(params), headNumber);
    }
  }

  /** A transaction was taken. */
  noteTransaction(hash: Hex): void {
    for (const filter of this.#filters.values()) {
      if (filter.kind === "transactions" && filter.hashes.length < MAX_LOGS) {
        filter.hashes.push(hash);
      }
    }
  }

  async #changes(filter: Filter, headNumber: number): Promise<unknown> {
    if (filter.kind === "transactions") return filter.hashes.splice(0);
    const from = filter.nextBlock;
    if (from > headNumber) return [];
    const to = filter.kind === "blocks" ? Math.min(headNumber, from + MAX_LOGS) : headNumber;
    // Before anything is waited for: a second question meanwhile is not told the same.
    filter.nextBlock = to + 1;
    try {
      if (filter.kind === "logs") return await this.#newLogs(filter.criteria, from, to);
      const blocks = await this.#evm.batch(
        Array.from(
          { length: to - from + 1 },
          (_, index) => ["eth_getBlockByNumber", [numberToHex(from + index), false]] as const,
        ),
      );
      return (blocks as readonly { readonly hash: Hex }[]).map(({ hash }) => hash);
    } catch (error) {
      filter.nextBlock = Math.min(filter.nextBlock, from);
      throw error;
    }
  }

  async #newLogs(
    criteria: Readonly<Record<string, unknown>>,
    from: number,
    to: number,
  ): Promise<unknown> {
    const { address, topics, fromBlock, toBlock } = criteria;
    const first = Math.max(from, numberOr(fromBlock, from));
    const last = Math.min(to, numberOr(toBlock, to));
    if (first > last) return [];
    return await readLogs(this.#evm, {
      ...(address !== undefined && { address }),
      ...(topics !== undefined && { topics }),
      fromBlock: numberToHex(first),
      toBlock: numberToHex(last),
    });
  }

  #add(filter: Filter): Hex {
    for (const [id, { usedMs }] of this.#filters) {
      if (usedMs < filter.usedMs - LIFETIME_MS) this.#filters.delete(id);
    }
    if (this.#filters.size >= MAX_FILTERS) {
      const text = `${MAX_FILTERS} filters are in use: uninstall some, or wait ${LIFETIME_MS / 60_000} minutes`;
      throw new RpcError(RPC_CODES.limit, text);
    }
    const id = numberToHex(++this.#lastId);
    this.#filters.set(id, filter);
    return id;
  }

  #find(params: RpcParams): Filter {
    const filter = this.#filters.get(idOf(params));
    if (filter === undefined) throw notFound();
    filter.usedMs = this.#clock.monotonicMs();
    return filter;
  }
}

function idOf(params: RpcParams): Hex {
  return params.text(0, "a filter's id") as Hex;
}

/** Block tags, such as "latest", bound nothing of what is to come. */
function numberOr(tag: unknown, other: number): number {
  return typeof tag === "string" && tag.startsWith("0x") ? Number(tag) : other;
}

function notFound(): RpcError {
  return new RpcError(RPC_CODES.invalidInput, "filter not found");
}
