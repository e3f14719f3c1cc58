import { type Clock, type Store, StoreError, type Tables } from "@shoal/runtime";
import type { Signer } from "../accounts/signer.ts";
import { ChainError } from "../errors.ts";
import type { Address, TransactionId } from "../network/address.ts";
import type { Network } from "../network/network.ts";
import type {
  Intent,
  PrepareOptions,
  SignedTransaction,
  TransactionStatus,
  Urgency,
} from "../network/transaction.ts";
import {
  forgetRejected,
  insertOutgoing,
  OUTGOING_SCHEMA,
  type Outgoing,
  type OutgoingFilter,
  readOutgoing,
  releaseKey,
  selectOutgoing,
  updateOutgoing,
} from "./outgoing.ts";

export interface SendOptions {
  readonly urgency?: Urgency;
  /** The most that it may cost in fees. */
  readonly maxFee?: bigint;
  readonly gasLimit?: bigint;
  /**
   * The caller's name for what is to be done, unique for the sender: a second call with it does nothing but return the
   * first one's transaction, whatever was killed in between.
   */
  readonly key?: string;
}

/** Tries to find a number that no other process has just taken. */
const MAX_TRIES = 8;

/** How often a transaction that is awaited is looked for, at least. */
const MIN_POLL_MS = 50;

/**
 * Sends transactions so that none is lost and none is doubled, killed at whatever moment: what is signed is on disk
 * before any node hears of it, and is sent again until it is finally in a block. What another process has signed for the
 * same account is seen through the store, so that no number is given twice.
 */
export class Sender {
  readonly network: Network;
  readonly #tables: Tables;
  readonly #clock: Clock;
  /** One after another: a number is read and taken in one step. */
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(network: Network, tables: Tables, clock: Clock) {
    this.network = network;
    this.#tables = tables;
    this.#clock = clock;
  }

  /** @throws {StoreError} when the store cannot be used. */
  static async open(network: Network, store: Store, clock: Clock): Promise<Sender> {
    return new Sender(network, await store.open(OUTGOING_SCHEMA), clock);
  }

  /**
   * Signs, keeps and broadcasts. Resolves once the transaction is on disk and was offered to the network; when no
   * endpoint answered it is `waiting` all the same, and `refresh` sends it again.
   * @throws {ChainError} what `Network.prepare` throws; `refused` or `insufficient-funds` when the network will not have
   * it: it was not sent then, and its number is free.
   * @throws {AccountError} what the signer throws.
   */
  async send(intent: Intent, signer: Signer, options: SendOptions = {}): Promise<Outgoing> {
    return await this.#inTurn(async () => {
      for (let tries = 1; ; tries++) {
        const known = await this.#findByKey(signer.address, options.key);
        if (known !== null) return known;
        const outgoing = await this.#sign(intent, signer, options);
        if (outgoing === null && tries < MAX_TRIES) continue;
        if (outgoing === null) {
          throw new ChainError("refused", "Other programs take every number of this account.");
        }
        const offered = await this.#offer(outgoing, true);
        if (offered.state !== "replaced" || tries >= MAX_TRIES) return offered;
        // Somebody else with this key was faster: the number is gone, and nothing of ours was done.
        if (offered.key !== null) await this.#commit([releaseKey(offered)]);
      }
    });
  }

  /**
   * Offers more for a transaction that waits.
   * @throws {ChainError} `not-found`; `refused` when it is settled; `unsupported` where nothing can be replaced.
   */
  async speedUp(id: TransactionId, signer: Signer, options: SendOptions = {}): Promise<Outgoing> {
    const waiting = await this.#waiting(id);
    return await this.#replace(waiting, waiting.signed.prepared.intent, signer, options);
  }

  /** Takes a waiting transaction's place with one that does nothing. Whichever is included first counts. */
  async cancel(id: TransactionId, signer: Signer, options: SendOptions = {}): Promise<Outgoing> {
    const waiting = await this.#waiting(id);
    const nothing: Intent = { kind: "transfer", to: signer.address, amount: 0n };
    return await this.#replace(waiting, nothing, signer, options);
  }

  /**
   * Looks after everything that waits: notes what is settled, and sends again what the network has not got, as after a
   * start or a block that was undone.
   * @returns what still waits.
   */
  async refresh(): Promise<Outgoing[]> {
    return await this.#inTurn(async () => {
      const waiting = await this.list({ state: "waiting" });
      const refreshed: Outgoing[] = [];
      for (const outgoing of waiting) refreshed.push(await this.#refreshOne(outgoing));
      return refreshed.filter(({ state }) => state === "waiting");
    });
  }

  /** What was signed here for this network, in the order of signing. */
  async list(filter: Omit<OutgoingFilter, "chainId"> = {}): Promise<Outgoing[]> {
    const { chainId } = this.network.info;
    const rows = await this.#tables.select(selectOutgoing({ ...filter, chainId }));
    return rows.map(readOutgoing);
  }

  /**
   * Waits until a transaction of ours is in a block.
   * @param until `included`: in a block, which may be undone; `final`: for good.
   * @returns its status; null when it never will be: `find` tells why.
   * @throws the signal's reason.
   */
  async waitFor(
    id: TransactionId,
    { until = "included", signal }: { until?: "included" | "final"; signal?: AbortSignal } = {},
  ): Promise<(TransactionStatus & { state: "included" }) | null> {
    const pollMs = Math.max(MIN_POLL_MS, this.network.info.blockTimeMs / 4);
    for (;;) {
      signal?.throwIfAborted();
      const status = await this.network.status(id);
      const isThere = status.state === "included" && (until === "included" || status.isFinal);
      await this.refresh();
      if (isThere) return status;
      const [outgoing] = await this.list({ id });
      if (outgoing === undefined || isLost(outgoing)) return null;
      await this.#pause(pollMs, signal);
    }
  }

  async #replace(
    waiting: Outgoing,
    intent: Intent,
    signer: Signer,
    options: SendOptions,
  ): Promise<Outgoing> {
    if (!this.network.info.can.replace) {
      const text = `${this.network.info.title} does not let a transaction take another's place.`;
      throw new ChainError("unsupported", text);
    }
    return await this.#inTurn(async () => {
      const outgoing = await this.#sign(intent, signer, options, waiting);
      if (outgoing === null) {
        throw new ChainError("refused", "It was replaced by another program just now. Try again.");
      }
      return await this.#offer(outgoing, true);
    });
  }

  /** @returns null when another process has taken the number. */
  async #sign(
    intent: Intent,
    signer: Signer,
    options: SendOptions,
    replaces?: Outgoing,
  ): Promise<Outgoing | null> {
    const { key, ...fees } = options;
    const { address: from } = signer;
    const sequence =
      replaces === undefined ? await this.#nextSequence(from) : replaces.signed.prepared.sequence;
    const prepareOptions: PrepareOptions = {
      ...fees,
      from,
      sequence,
      ...(replaces !== undefined && { replaces: replaces.signed.prepared }),
    };
    const prepared = await this.network.prepare(intent, prepareOptions);
    const signed = await this.network.sign(prepared, signer);
    const generation = await this.#nextGeneration(signed, replaces === undefined);
    if (generation === null) return null;
    const outgoing: Outgoing = {
      id: signed.id,
      state: "waiting",
      signed,
      generation,
      key: key ?? null,
      createdMs: this.#clock.nowMs(),
      blockNumber: null,
      trouble: null,
    };
    try {
      await this.#commit([forgetRejected(signed), insertOutgoing(outgoing)]);
      return outgoing;
    } catch (error) {
      if (error instanceof StoreError && error.code === "constraint") return null;
      throw error;
    }
  }

  /** The network may have forgotten what waits, and does not know what another process has signed. */
  async #nextSequence(from: Address): Promise<number | null> {
    const next = await this.network.nextSequence(from);
    if (next === null) return null;
    const waiting = await this.list({ sender: from, state: "waiting" });
    return Math.max(next, ...waiting.map(({ signed }) => (signed.prepared.sequence ?? -1) + 1));
  }

  /**
   * How often its number was signed before.
   * @returns null when another process has just taken the number: a replacement is meant to take it, a new one is not.
   */
  async #nextGeneration({ prepared }: SignedTransaction, isNew: boolean): Promise<number | null> {
    const { sequence, from } = prepared;
    if (sequence === null) return 0;
    const others = await this.list({ sender: from, sequence });
    if (isNew && others.some(({ state }) => state !== "rejected")) return null;
    return Math.max(-1, ...others.map(({ generation }) => generation)) + 1;
  }

  /** Hands it to the network, and notes what came of it. */
  async #offer(outgoing: Outgoing, isNew: boolean): Promise<Outgoing> {
    let trouble: string;
    try {
      const outcome = await this.network.broadcast(outgoing.signed);
      if (outcome.state === "accepted") {
        return outgoing.trouble === null ? outgoing : await this.#note(outgoing, { trouble: null });
      }
      if (outcome.state === "stale") return await this.#settleStale(outgoing, outcome.reason);
      trouble = outcome.reason;
      if (isNew) {
        await this.#note(outgoing, { state: "rejected", trouble });
        if (outgoing.key !== null) await this.#commit([releaseKey(outgoing)]);
        const code = outcome.code === "insufficient-funds" ? outcome.code : "refused";
        throw new ChainError(code, `${this.network.info.title} does not take this: ${trouble}.`);
      }
    } catch (error) {
      if (!(error instanceof ChainError) || error.code !== "unreachable") throw error;
      trouble = error.message;
    }
    return await this.#note(outgoing, { trouble });
  }

  /**
   * A node says that the number is used up, or the time. It is believed only when most nodes say so of their blocks:
   * signing the same again on one liar's word would pay twice.
   */
  async #settleStale(outgoing: Outgoing, reason: string): Promise<Outgoing> {
    const { sequence, from, expiresAtMs } = outgoing.signed.prepared;
    const reading = { assurance: "quorum" } as const;
    const status = await this.network.status(outgoing.id, reading);
    if (status.state !== "unknown") return await this.#noteStatus(outgoing, status);
    if (sequence === null) {
      const isOver = expiresAtMs !== null && (await this.network.head()).final.timeMs > expiresAtMs;
      return await this.#note(outgoing, { trouble: reason, ...(isOver && { state: "expired" }) });
    }
    const used = await this.network.nextSequence(from, { ...reading, at: "final" });
    const isUsed = used !== null && used > sequence;
    return await this.#note(outgoing, { trouble: reason, ...(isUsed && { state: "replaced" }) });
  }

  async #refreshOne(outgoing: Outgoing): Promise<Outgoing> {
    try {
      const status = await this.network.status(outgoing.id);
      if (status.state === "unknown") return await this.#offer(outgoing, false);
      return await this.#noteStatus(outgoing, status);
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      return await this.#note(outgoing, { trouble: error.message });
    }
  }

  async #noteStatus(outgoing: Outgoing, status: TransactionStatus): Promise<Outgoing> {
    if (status.state !== "included") {
      return await this.#note(outgoing, { blockNumber: null, trouble: null });
    }
    const { receipt, isFinal } = status;
    const state = !isFinal ? "waiting" : receipt.isSuccess ? "done" : "failed";
    return await this.#note(outgoing, { state, blockNumber: receipt.block.number, trouble: null });
  }

  async #note(
    outgoing: Outgoing,
    change: Partial<Pick<Outgoing, "state" | "blockNumber" | "trouble">>,
  ): Promise<Outgoing> {
    const changed = { ...outgoing, ...change };
    const isSame =
      changed.state === outgoing.state &&
      changed.blockNumber === outgoing.blockNumber &&
      changed.trouble === outgoing.trouble;
    if (!isSame) await this.#commit([updateOutgoing(outgoing, changed)]);
    return changed;
  }

  async #waiting(id: TransactionId): Promise<Outgoing> {
    await this.refresh();
    const [outgoing] = await this.list({ id });
    if (outgoing === undefined) {
      throw new ChainError("not-found", `${id} was not sent from here.`);
    }
    if (outgoing.state === "waiting" && outgoing.blockNumber === null) return outgoing;
    const where = outgoing.blockNumber === null ? "" : ` in block ${outgoing.blockNumber}`;
    throw new ChainError("refused", `${id} does not wait: it is ${outgoing.state}${where}.`);
  }

  async #findByKey(sender: Address, key: string | undefined): Promise<Outgoing | null> {
    if (key === undefined) return null;
    return (await this.list({ sender, key })).at(-1) ?? null;
  }

  async #commit(statements: Parameters<Tables["commit"]>[0]): Promise<void> {
    await this.#tables.commit(statements, "full");
  }

  async #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimer(ms, resolve);
    signal?.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    timer.cancel();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => {});
    return await turn;
  }
}

function isLost({ state }: Outgoing): boolean {
  return state === "replaced" || state === "expired" || state === "rejected";
}
