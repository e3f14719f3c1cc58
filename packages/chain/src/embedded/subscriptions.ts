import type { Hex } from "viem";
import { RpcError } from "../errors.ts";
import type { Evm } from "./evm.ts";
import { type LogFilter, matchesLog, parseLogFilter, type RpcLog } from "./log-filter.ts";
import type { ReadGate } from "./read-gate.ts";
import { RPC_CODES } from "./rpc-error.ts";
import type { RpcParams } from "./rpc-params.ts";

/** Hands on what a subscription has to tell. */
export type Notify = (subscription: Hex, result: unknown) => void;

interface Subscription {
  readonly notify: Notify;
  readonly kind: "newHeads" | "newPendingTransactions" | "logs";
  readonly filter: LogFilter | null;
}

/** What is told as it happens, to clients with a lasting connection (`eth_subscribe`). */
export class Subscriptions {
  readonly #evm: Evm;
  readonly #gate: ReadGate;
  readonly #subscriptions = new Map<Hex, Subscription>();
  /** Blocks are told in their order, however long looking at one takes. */
  #telling: Promise<void> = Promise.resolve();
  #lastId = 0;

  constructor(evm: Evm, gate: ReadGate) {
    this.#evm = evm;
    this.#gate = gate;
  }

  /** @returns its id. @throws {RpcError} */
  add(params: RpcParams, notify: Notify): Hex {
    const kind = params.text(0, "what to subscribe to");
    if (kind !== "newHeads" && kind !== "logs" && kind !== "newPendingTransactions") {
      const text = `no "${kind}" subscription: there are newHeads, logs and newPendingTransactions`;
      throw new RpcError(RPC_CODES.invalidParams, text);
    }
    const filter = kind === "logs" ? parseLogFilter(params.record(1)) : null;
    const id: Hex = `0x${(++this.#lastId).toString(16).padStart(32, "0")}`;
    this.#subscriptions.set(id, { notify, kind, filter });
    return id;
  }

  remove(id: Hex): boolean {
    return this.#subscriptions.delete(id);
  }

  /** A transaction was taken, and waits. */
  noteTransaction(hash: Hex): void {
    for (const [id, { kind, notify }] of this.#subscriptions) {
      if (kind === "newPendingTransactions") notify(id, hash);
    }
  }

  /** A block is on the disk. */
  noteBlock(hash: Hex): void {
    if (this.#subscriptions.size === 0) return;
    // A chain that has failed since tells nobody anything.
    this.#telling = this.#telling.then(() => this.#tell(hash)).catch(() => {});
  }

  async #tell(hash: Hex): Promise<void> {
    const kinds = new Set([...this.#subscriptions.values()].map(({ kind }) => kind));
    if (kinds.has("newHeads")) {
      const block = await this.#ask("eth_getBlockByHash", [hash, false]);
      const {
        transactions: _,
        size: __,
        uncles: ___,
        ...header
      } = block as Record<string, unknown>;
      this.#send("newHeads", () => [header]);
    }
    if (kinds.has("logs")) {
      const logs = (await this.#ask("eth_getLogs", [{ blockHash: hash }])) as readonly RpcLog[];
      this.#send("logs", (filter) => logs.filter((log) => matchesLog(log, filter!)));
    }
  }

  #ask(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.#gate.pass(() => this.#evm.request(method, params));
  }

  #send(wanted: string, resultsFor: (filter: LogFilter | null) => readonly unknown[]): void {
    for (const [id, { kind, filter, notify }] of this.#subscriptions) {
      if (kind !== wanted) continue;
      for (const result of resultsFor(filter)) notify(id, result);
    }
  }
}
