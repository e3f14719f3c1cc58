import { keccak256, type Hex } from "viem";
import { RpcError } from "../errors.ts";
import type { Evm } from "./evm.ts";
import { RPC_CODES } from "./rpc-error.ts";

/** A transaction that somebody waits to hear of; nobody does of one that the journal remembers. */
export interface Waiting {
  readonly raw: Hex;
  readonly resolve?: (hash: Hex) => void;
  readonly reject?: (error: Error) => void;
}

interface Entry {
  readonly raw: Hex;
  /** Who has to be told; empty once it was. */
  waiting: Waiting[];
}

/** Transactions that are in no block. geth keeps 1,024 that cannot be executed yet. */
const MAX_WAITING = 4096;

/** What became of a transaction that was handed over. */
export type Added =
  /** It is in the pool, and nobody was told yet. */
  | { readonly kind: "taken"; readonly hash: Hex }
  /** It was there already: who waits for it now is told with the others. */
  | { readonly kind: "joined" }
  /** It is in a block, or was told before. */
  | { readonly kind: "known"; readonly hash: Hex };

/** The transactions in the EVM's pool, which knows no more of them than it needs: as they came, and who asks. */
export class TransactionPool {
  readonly #evm: Evm;
  readonly #baseFeeWei: number;
  readonly #entries = new Map<Hex, Entry>();
  readonly #untold = new Set<Hex>();

  constructor(evm: Evm, baseFeeWei: number) {
    this.#evm = evm;
    this.#baseFeeWei = baseFeeWei;
  }

  get size(): number {
    return this.#entries.size;
  }

  get hasUntold(): boolean {
    return this.#untold.size > 0;
  }

  /**
   * Hands a transaction to the EVM's pool.
   * @throws {RpcError} when it is refused.
   */
  async add(waiting: Waiting): Promise<Added> {
    const { raw } = waiting;
    if (raw.startsWith("0x03")) {
      throw new RpcError(RPC_CODES.rejected, "transactions with blobs are not taken here");
    }
    if (this.#entries.size - this.#untold.size >= MAX_WAITING) await this.#forgetReplaced();
    let hash: Hex;
    try {
      hash = (await this.#evm.request("eth_sendRawTransaction", [raw])) as Hex;
    } catch (error) {
      return await this.#recognize(waiting, error as Error);
    }
    this.#entries.set(hash, { raw, waiting: [waiting] });
    this.#untold.add(hash);
    return { kind: "taken", hash };
  }

  rawOf(hash: Hex): Hex {
    return this.#entries.get(hash)!.raw;
  }

  /** Tells those who wait for these that they are on the disk. */
  tell(hashes: readonly Hex[]): void {
    for (const hash of hashes) this.#tell(hash, this.#entries.get(hash)!);
  }

  /** Takes the transactions of a block out. */
  take(hashes: readonly Hex[]): { rawOf(hash: Hex): Hex; tell(): void } {
    const taken = new Map<Hex, Entry>();
    for (const hash of hashes) {
      const entry = this.#entries.get(hash);
      if (entry === undefined) throw new Error(`The EVM has made a block of ${hash}, unasked.`);
      taken.set(hash, entry);
      this.#entries.delete(hash);
    }
    return {
      rawOf: (hash) => taken.get(hash)!.raw,
      tell: () => {
        for (const [hash, entry] of taken) this.#tell(hash, entry);
      },
    };
  }

  /**
   * Finds out why transactions that somebody waits for are not in the block that was just made. Those that can never
   * be are refused.
   * @param wasEmpty There was room in the block for anything.
   * @returns those that come too early; none as long as there are some that only did not fit.
   */
  async sortUntold(wasEmpty: boolean): Promise<{ readonly early: Hex[]; readonly fits: boolean }> {
    const early: Hex[] = [];
    let fits = false;
    for (const hash of [...this.#untold]) {
      const found = await this.#look(hash);
      if (found === null) continue;
      const next = await this.#evm.request("eth_getTransactionCount", [found.from, "latest"]);
      if (Number(found.nonce) > Number(next)) early.push(hash);
      else if (wasEmpty) await this.#drop(hash, "the transaction cannot be executed");
      else fits = true;
    }
    // What follows one that did not fit is not early.
    return fits ? { early: [], fits } : { early, fits };
  }

  /** Refuses those of these that are not worth a block's while, or are gone. @returns the others. */
  async keepWorthy(hashes: readonly Hex[]): Promise<Hex[]> {
    const worthy: Hex[] = [];
    for (const hash of hashes) if ((await this.#look(hash)) !== null) worthy.push(hash);
    return worthy;
  }

  rejectAll(error: Error): void {
    for (const { waiting } of this.#entries.values()) {
      for (const { reject } of waiting) reject?.(error);
    }
    this.#entries.clear();
    this.#untold.clear();
  }

  #tell(hash: Hex, entry: Entry): void {
    this.#untold.delete(hash);
    for (const { resolve } of entry.waiting) resolve?.(hash);
    entry.waiting = [];
  }

  /** The transaction as the EVM has it; null after it was refused here. */
  async #look(hash: Hex): Promise<{ readonly from: Hex; readonly nonce: Hex } | null> {
    const found = (await this.#evm.request("eth_getTransactionByHash", [hash])) as {
      readonly from: Hex;
      readonly nonce: Hex;
      readonly gasPrice: Hex;
      readonly maxFeePerGas?: Hex;
    } | null;
    if (found === null) {
      this.#refuse(hash, "the transaction was replaced, or its sender can pay it no more");
      return null;
    }
    const feeWei = Number(found.maxFeePerGas ?? found.gasPrice);
    if (feeWei >= this.#baseFeeWei) return found;
    const text = `max fee per gas less than block base fee: maxFeePerGas: ${feeWei}, baseFee: ${this.#baseFeeWei}`;
    await this.#drop(hash, text);
    return null;
  }

  async #drop(hash: Hex, reason: string): Promise<void> {
    await this.#evm.request("hardhat_dropTransaction", [hash]);
    this.#refuse(hash, reason);
  }

  #refuse(hash: Hex, reason: string): void {
    const waiting = this.#entries.get(hash)?.waiting ?? [];
    this.#entries.delete(hash);
    this.#untold.delete(hash);
    for (const { reject } of waiting) reject?.(new RpcError(RPC_CODES.rejected, reason));
  }

  /** Sending a transaction again does no harm, and is what a program does that was killed while it sent it. */
  async #recognize(waiting: Waiting, refusal: Error): Promise<Added> {
    if (!/^(already known|nonce too low)/.test(refusal.message)) throw refusal;
    const hash = keccak256(waiting.raw);
    const entry = this.#entries.get(hash);
    if (entry !== undefined && this.#untold.has(hash)) {
      entry.waiting.push(waiting);
      return { kind: "joined" };
    }
    const isThere = entry ?? (await this.#evm.request("eth_getTransactionReceipt", [hash]));
    if (isThere === null) throw refusal;
    return { kind: "known", hash };
  }

  /** @throws {RpcError} when there are too many all the same. */
  async #forgetReplaced(): Promise<void> {
    for (const hash of this.#entries.keys()) {
      const found = await this.#evm.request("eth_getTransactionByHash", [hash]);
      if (found === null && !this.#untold.has(hash)) this.#entries.delete(hash);
    }
    if (this.#entries.size - this.#untold.size < MAX_WAITING) return;
    const text = `${MAX_WAITING} transactions wait already: send those that come before them first`;
    throw new RpcError(RPC_CODES.limit, text);
  }
}
