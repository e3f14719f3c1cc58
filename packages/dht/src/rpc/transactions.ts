import type { KrpcFailure, KrpcResponse } from "@shoal/protocol";
import { canonicalIp, parseIp } from "@shoal/protocol";
import type { Clock, Endpoint, Random, Timer } from "@shoal/runtime";

/** Four bytes: nobody off the path guesses one while it is open. */
const TRANSACTION_ID_BYTES = 4;
/** A node that takes longer than usual is slow, and others are asked beside it: between these two. */
const MIN_SLOW_MS = 250;
const MAX_SLOW_MS = 1000;
/** A node that takes so long does not answer. */
const TIMEOUT_MS = 5000;
/** Queries under way at once. */
const MAX_TRANSACTIONS = 2048;

export type QueryOutcome = KrpcResponse | KrpcFailure | { readonly kind: "timeout" };

export interface QueryHandlers {
  /** Called at most once, before `done`, when the answer takes longer than answers usually do. */
  readonly slow?: () => void;
  /** Called exactly once. */
  readonly done: (outcome: QueryOutcome) => void;
}

interface Transaction {
  readonly to: Endpoint;
  readonly sentMs: number;
  readonly handlers: QueryHandlers;
  timer: Timer;
}

/** Queries that wait for their answers. */
export class Transactions {
  readonly #open = new Map<number, Transaction>();
  readonly #clock: Clock;
  readonly #random: Random;
  /** What answers take, smoothed, and how much they differ, as TCP estimates it (RFC 6298). */
  #roundTripMs = MAX_SLOW_MS / 2;
  #variationMs = MAX_SLOW_MS / 8;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Opens a transaction.
   * @param timedOut Told when nobody answered, with when the query was sent.
   * @returns its ID, or null when too many are open; then `done` is not called.
   */
  open(
    to: Endpoint,
    handlers: QueryHandlers,
    timedOut: (sentMs: number) => void,
  ): Uint8Array | null {
    if (this.#open.size >= MAX_TRANSACTIONS) return null;
    let id = this.#random.bytes(TRANSACTION_ID_BYTES);
    while (this.#open.has(keyOf(id))) id = this.#random.bytes(TRANSACTION_ID_BYTES);
    const key = keyOf(id);
    const slowMs = this.#slowMs();
    const expire = (): void => {
      this.#open.delete(key);
      timedOut(transaction.sentMs);
      handlers.done({ kind: "timeout" });
    };
    const turnSlow = (): void => {
      transaction.timer = this.#clock.setTimer(TIMEOUT_MS - slowMs, expire);
      handlers.slow?.();
    };
    const transaction: Transaction = {
      to,
      sentMs: this.#clock.monotonicMs(),
      handlers,
      timer: this.#clock.setTimer(slowMs, turnSlow),
    };
    this.#open.set(key, transaction);
    return id;
  }

  /**
   * Takes the transaction that a message answers: its ID and its sender both have to be right, of a sender known by
   * name the port.
   * @returns its handlers, or null when nothing asked for that message.
   */
  take(message: KrpcResponse | KrpcFailure, from: Endpoint): QueryHandlers | null {
    const { transactionId } = message;
    if (transactionId.length !== TRANSACTION_ID_BYTES) return null;
    const key = keyOf(transactionId);
    const transaction = this.#open.get(key);
    if (transaction === undefined || transaction.to.port !== from.port) return null;
    const { address } = transaction.to;
    // What was sent to a name, for a proxy to look up, is answered from an address that nobody here knows.
    const isSender =
      address === from.address ||
      canonicalIp(address) === canonicalIp(from.address) ||
      parseIp(address) === null;
    if (!isSender) return null;
    this.#open.delete(key);
    transaction.timer.cancel();
    this.#learn(this.#clock.monotonicMs() - transaction.sentMs);
    return transaction.handlers;
  }

  #slowMs(): number {
    const usualMs = this.#roundTripMs + 4 * this.#variationMs;
    return Math.min(MAX_SLOW_MS, Math.max(MIN_SLOW_MS, usualMs));
  }

  #learn(tookMs: number): void {
    this.#variationMs += (Math.abs(tookMs - this.#roundTripMs) - this.#variationMs) / 4;
    this.#roundTripMs += (tookMs - this.#roundTripMs) / 8;
  }

  /** Ends all: nobody is answered any more. */
  close(): void {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { timer, handlers } of open) {
      timer.cancel();
      handlers.done({ kind: "timeout" });
    }
  }
}

function keyOf(id: Uint8Array): number {
  return ((id[0]! << 24) | (id[1]! << 16) | (id[2]! << 8) | id[3]!) >>> 0;
}
