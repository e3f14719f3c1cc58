import { SLAB_SIZES, type Slab, type SlabPool } from "@shoal/runtime";
import { BlockReceiver } from "../peer/block-receiver.ts";
import { tryAcquire } from "../peer/try-acquire.ts";
import type { BlockSender } from "../torrent/block-sender.ts";
import type { Transfer } from "../torrent/transfer.ts";

/** What is not wanted any more is read over up to here; beyond it a new request is cheaper. */
const MAX_UNWANTED_BYTES = 512 * 1024;

/**
 * Takes the bytes of a run of blocks in their order, and hands the blocks to the transfer. What lies in
 * buffers of the HTTP client's is copied into slabs of the shared pool; what lies in slabs stays there.
 */
export class RunIntake {
  readonly #transfer: Transfer;
  readonly #sender: BlockSender;
  readonly #blocks: readonly number[];
  readonly #receiver: BlockReceiver;
  /** Index in `#blocks` of the block that is arriving, and how much of it is here. */
  #index = 0;
  #filledBytes = 0;
  #isWanted = false;
  /** No block before this one is worth anything; the first that is, unless the run is over. */
  #nextWanted = 0;
  #slab: Slab | null = null;
  #at = 0;

  /** @param blocks Pairs `piece, block`. */
  constructor(transfer: Transfer, sender: BlockSender, blocks: readonly number[]) {
    this.#transfer = transfer;
    this.#sender = sender;
    this.#blocks = blocks;
    this.#receiver = new BlockReceiver(transfer.pool);
    this.#startBlock();
  }

  /** Enough is still wanted of what comes next for it to be worth reading on. */
  get isWorthIt(): boolean {
    if (this.#isWanted) return true;
    const { geometry } = this.#transfer;
    let unwantedBytes = -this.#filledBytes;
    for (let at = this.#index; at < this.#nextWanted; at += 2) {
      unwantedBytes += geometry.blockLength(this.#blocks[at]!, this.#blocks[at + 1]!);
    }
    return this.#nextWanted < this.#blocks.length && unwantedBytes <= MAX_UNWANTED_BYTES;
  }

  get isDone(): boolean {
    return this.#index >= this.#blocks.length;
  }

  /** Bytes of the run that are not here yet. */
  get leftBytes(): number {
    let bytes = -this.#filledBytes;
    for (let at = this.#index; at < this.#blocks.length; at += 2) {
      bytes += this.#transfer.geometry.blockLength(this.#blocks[at]!, this.#blocks[at + 1]!);
    }
    return bytes;
  }

  /**
   * Takes bytes from `from` on.
   * @returns up to where; fewer than there are when memory is short, then to be called again.
   */
  take(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && this.#index < this.#blocks.length) {
      const lengthBytes = this.#blockLength;
      let count = Math.min(lengthBytes - this.#filledBytes, bytes.length - at);
      if (this.#isWanted) {
        const slab = this.#place();
        if (slab === null) return at;
        count = Math.min(count, slab.lengthBytes - this.#at);
        slab.bytes.set(bytes.subarray(at, at + count), this.#at);
        this.#receiver.add(slab.bytes, this.#at, count, slab);
        this.#at += count;
      }
      at += count;
      this.#filledBytes += count;
      if (this.#filledBytes === lengthBytes) this.#endBlock(lengthBytes);
    }
    return at;
  }

  /** Takes bytes that lie in a slab already, or in memory that is soon used again (null). */
  place(bytes: Uint8Array, from: number, to: number, slab: Slab | null): void {
    for (let at = from; at < to && !this.isDone;) {
      const lengthBytes = this.#blockLength;
      const count = Math.min(lengthBytes - this.#filledBytes, to - at);
      if (this.#isWanted) this.#receiver.add(bytes, at, count, slab);
      at += count;
      this.#filledBytes += count;
      if (this.#filledBytes === lengthBytes) this.#endBlock(lengthBytes);
    }
  }

  /** Gives up what was begun, and the memory in reserve. */
  clear(): void {
    this.#receiver.clear();
    this.dropSlab();
  }

  /** Whoever waits for memory holds none beyond what has arrived. */
  dropSlab(): void {
    this.#slab?.release();
    this.#slab = null;
  }

  get #blockLength(): number {
    const [piece, block] = [this.#blocks[this.#index]!, this.#blocks[this.#index + 1]!];
    return this.#transfer.geometry.blockLength(piece, block);
  }

  #startBlock(): void {
    this.#filledBytes = 0;
    this.#isWanted = this.#wants(this.#index);
    if (this.#isWanted || this.#index < this.#nextWanted) return;
    this.#nextWanted = this.#index + 2;
    while (this.#nextWanted < this.#blocks.length && !this.#wants(this.#nextWanted)) {
      this.#nextWanted += 2;
    }
  }

  #wants(index: number): boolean {
    if (index >= this.#blocks.length) return false;
    return this.#transfer.wantsBlock(this.#sender, this.#blocks[index]!, this.#blocks[index + 1]!);
  }

  #endBlock(lengthBytes: number): void {
    const [piece, block] = [this.#blocks[this.#index]!, this.#blocks[this.#index + 1]!];
    this.#index += 2;
    if (this.#isWanted) this.#transfer.onBlock(this.#sender, piece, block, this.#receiver.take());
    else this.#transfer.onWaste(lengthBytes);
    this.#startBlock();
  }

  /** The slab with room for the next bytes; null when memory is short. */
  #place(): Slab | null {
    if (this.#slab !== null && this.#at < this.#slab.lengthBytes) return this.#slab;
    this.dropSlab();
    const { pool } = this.#transfer;
    if (pool.isTight) return null;
    this.#at = 0;
    for (let size = affordableClass(pool); size >= 0 && this.#slab === null; size--) {
      this.#slab = tryAcquire(pool, SLAB_SIZES[size]!);
    }
    return this.#slab;
  }
}

/** Large slabs only while the pool is far from its budget, as peers do. */
function affordableClass({ usedBytes, budgetBytes }: SlabPool): number {
  return usedBytes * 2 < budgetBytes ? 2 : usedBytes * 4 < budgetBytes * 3 ? 1 : 0;
}
