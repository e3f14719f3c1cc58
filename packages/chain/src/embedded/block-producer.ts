import type { Clock, Random } from "@shoal/runtime";
import { hexToBytes, type Hex } from "viem";
import { RpcError } from "../errors.ts";
import { type ChainHead, sealBlock, toRecord } from "./block-sealing.ts";
import type { ChainJournal } from "./chain-journal.ts";
import type { Evm } from "./evm.ts";
import type { ReadGate } from "./read-gate.ts";
import { RPC_CODES } from "./rpc-error.ts";
import { TransactionPool, type Waiting } from "./transaction-pool.ts";

/** Transactions of one turn: they share a sync of the disk, and readers wait for them together. */
const MAX_TURN = 2048;
const MAX_TURN_BYTES = 16 * 1024 * 1024;

/** Submitted transactions that nobody has looked at yet. */
const MAX_SUBMITTED = 16_384;

/** Requests to the EVM under way, which carries them out one at a time: so that it never waits for the next. */
const FEED_WIDTH = 4;

/** As geth's. */
export const MAX_TRANSACTION_BYTES = 128 * 1024;

/**
 * Every block is at least a second older than the one before. Where blocks come faster than that, the chain's time runs
 * ahead of the clock, but not further than this: then it makes one block a second.
 */
const MAX_AHEAD_S = 60;
const PACE_MS = 1000;

export interface BlockProducerInit {
  readonly evm: Evm;
  readonly journal: ChainJournal;
  readonly gate: ReadGate;
  readonly clock: Clock;
  readonly random: Random;
  readonly head: ChainHead;
  /** 0: a block as soon as there are transactions. */
  readonly blockTimeMs: number;
  readonly baseFeeWei: number;
  /** Transactions of the journal that waited when the program ended. */
  readonly restored: readonly Hex[];
  /** A block is on the disk. */
  readonly onBlock: (head: ChainHead) => void;
  /** A transaction was taken, and waits. */
  readonly onWaiting: (hash: Hex) => void;
  /** The journal cannot be written: nothing goes on. */
  readonly onFailed: (error: Error) => void;
}

/**
 * Takes transactions in turns, and makes blocks of them. Nobody hears of a transaction, or sees a block, before it is on
 * the disk: while the EVM has a block that is not, the gate is closed.
 */
export class BlockProducer {
  readonly #init: BlockProducerInit;
  readonly #pool: TransactionPool;
  #submitted: Waiting[] = [];
  #head: ChainHead;
  #isSealingDue = false;
  #turning: Promise<void> | null = null;
  /** The append under way: the EVM takes the next transactions meanwhile. */
  #persisting: Promise<void> = Promise.resolve();
  #lastSealMs = -Infinity;
  #isClosed = false;
  #failure: Error | null = null;
  #whenSealed = withoutListener();

  constructor(init: BlockProducerInit) {
    this.#init = init;
    this.#head = init.head;
    this.#pool = new TransactionPool(init.evm, init.baseFeeWei);
  }

  /** The newest block that is on the disk. */
  get head(): ChainHead {
    return this.#head;
  }

  /** Takes the transactions that waited; those that have become impossible are forgotten. */
  async restore(): Promise<void> {
    for (const raw of this.#init.restored) {
      const added = await this.#pool.add({ raw }).catch(() => null);
      if (added?.kind === "taken") this.#pool.tell([added.hash]);
    }
    if (this.#pool.size > 0 && this.#init.blockTimeMs === 0) await this.seal();
  }

  /**
   * Takes a signed transaction.
   * @returns its hash, once it is on the disk: in a block; or as waiting, where blocks have their times or earlier
   * transactions of its sender are missing.
   * @throws {RpcError} when it is refused.
   */
  async submit(raw: Hex): Promise<Hex> {
    this.#assertOpen();
    if (raw.length > 2 + 2 * MAX_TRANSACTION_BYTES) {
      const text = `oversized data: at most ${MAX_TRANSACTION_BYTES} bytes are taken`;
      throw new RpcError(RPC_CODES.rejected, text);
    }
    if (this.#submitted.length >= MAX_SUBMITTED) {
      throw new RpcError(RPC_CODES.limit, "too many transactions wait: try again later");
    }
    const { promise, resolve, reject } = Promise.withResolvers<Hex>();
    this.#submitted.push({ raw, resolve, reject });
    this.#wake();
    return await promise;
  }

  /** Makes a block, empty if there is nothing for it; answers once it is on the disk. */
  async seal(): Promise<void> {
    this.#assertOpen();
    this.#isSealingDue = true;
    this.#wake();
    await this.#whenSealed.promise;
  }

  /** Ends with the turn that is under way; what nobody has looked at yet is refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turning;
    await this.#persisting.catch(() => {});
    this.#rejectAll(new RpcError(RPC_CODES.internal, "the chain is closed"));
  }

  #assertOpen(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#isClosed) throw new RpcError(RPC_CODES.internal, "the chain is closed");
  }

  #wake(): void {
    this.#turning ??= this.#takeTurns()
      .catch((error: unknown) => this.#fail(error as Error))
      .finally(() => {
        this.#turning = null;
        const isIdle = this.#submitted.length === 0 && !this.#isSealingDue;
        if (!isIdle && !this.#isClosed && this.#failure === null) this.#wake();
      });
  }

  async #takeTurns(): Promise<void> {
    // What is submitted within one turn of the event loop, such as a batch, shares a block.
    await Promise.resolve();
    while ((this.#submitted.length > 0 || this.#isSealingDue) && !this.#isClosed) {
      const taken = await this.#feed(this.#takeSubmitted());
      const isDue = this.#isSealingDue;
      if (this.#init.blockTimeMs > 0) await this.#keep(await this.#pool.keepWorthy(taken));
      else if (taken.length > 0 || isDue) {
        await this.#settleRest(await this.#sealTurn());
        continue;
      }
      if (isDue) await this.#sealTurn();
    }
    await this.#persisting;
  }

  #takeSubmitted(): Waiting[] {
    let count = 0;
    let lengthBytes = 0;
    for (const { raw } of this.#submitted) {
      lengthBytes += raw.length / 2;
      if (count === MAX_TURN || lengthBytes > MAX_TURN_BYTES) break;
      count++;
    }
    return this.#submitted.splice(0, count);
  }

  /** @returns those that the EVM's pool has taken; the others are told why not. */
  async #feed(turn: readonly Waiting[]): Promise<Hex[]> {
    const taken: Hex[] = [];
    let next = 0;
    const feedSome = async () => {
      for (let waiting = turn[next++]; waiting !== undefined; waiting = turn[next++]) {
        try {
          const added = await this.#pool.add(waiting);
          if (added.kind === "taken") taken.push(added.hash);
          // Its block may be on the way to the disk.
          if (added.kind === "known") {
            void this.#persisting.then(() => waiting.resolve?.(added.hash), waiting.reject);
          }
        } catch (error) {
          waiting.reject?.(error as Error);
        }
      }
    };
    await Promise.all(Array.from({ length: FEED_WIDTH }, feedSome));
    return taken;
  }

  /** Writes down transactions that have to wait, and tells. */
  async #keep(hashes: readonly Hex[]): Promise<void> {
    if (hashes.length === 0) return;
    const transactions = hashes.map((hash) => hexToBytes(this.#pool.rawOf(hash)));
    await this.#persisting;
    await this.#init.journal.append({ kind: "waiting", transactions });
    this.#pool.tell(hashes);
    for (const hash of hashes) this.#init.onWaiting(hash);
  }

  /** @returns how many transactions the block has. */
  async #sealTurn(): Promise<number> {
    const { evm, gate, journal, random, clock } = this.#init;
    await this.#persisting;
    await this.#pause();
    this.#isSealingDue = false;
    await gate.close();
    const timestampS = Math.max(Math.floor(clock.nowMs() / 1000), this.#head.timestampS + 1);
    this.#lastSealMs = clock.monotonicMs();
    const block = await sealBlock(evm, timestampS, random.bytes(32));
    const { number, hash } = block;
    const told = this.#pool.take(block.transactions);
    const record = toRecord(block, (transaction) => told.rawOf(transaction));
    const sealed = this.#whenSealed;
    this.#whenSealed = withoutListener();
    this.#persisting = journal.append({ kind: "block", block: record }).then(() => {
      this.#head = { number, hash, timestampS: block.timestampS };
      gate.open();
      told.tell();
      sealed.resolve();
      this.#init.onBlock(this.#head);
    });
    // Whoever waits for it next learns of a failure.
    this.#persisting.catch(() => {});
    return block.transactions.length;
  }

  /** What of a turn is not in its block: it did not fit, came too early, or has become impossible. */
  async #settleRest(count: number): Promise<void> {
    if (!this.#pool.hasUntold) return;
    await this.#persisting;
    const { early, fits } = await this.#pool.sortUntold(count === 0);
    await this.#keep(early);
    if (fits) this.#isSealingDue = true;
  }

  async #pause(): Promise<void> {
    const { clock } = this.#init;
    if (this.#head.timestampS - clock.nowMs() / 1000 < MAX_AHEAD_S) return;
    const leftMs = this.#lastSealMs + PACE_MS - clock.monotonicMs();
    if (leftMs <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.setTimer(leftMs, resolve);
    await promise;
  }

  #fail(error: Error): void {
    if (this.#failure !== null) return;
    const text = `the chain has stopped: ${error.message}`;
    this.#failure = new RpcError(RPC_CODES.internal, text);
    this.#init.gate.break(this.#failure);
    this.#rejectAll(this.#failure);
    this.#init.onFailed(error);
  }

  #rejectAll(reason: Error): void {
    for (const { reject } of this.#submitted) reject?.(reason);
    this.#submitted = [];
    this.#pool.rejectAll(reason);
    this.#whenSealed.reject(reason);
  }
}

/** Whose failing harms nobody who does not wait for it. */
function withoutListener(): PromiseWithResolvers<void> {
  const resolvers = Promise.withResolvers<void>();
  resolvers.promise.catch(() => {});
  return resolvers;
}
