import { BLOCK_LENGTH_BYTES } from "@shoal/protocol";
import { ON_DISK, type Storage } from "@shoal/runtime";
import { type ReceivedBlock, releaseBlock } from "../peer/block-receiver.ts";
import type { Geometry } from "./geometry.ts";

/** A block of an incomplete piece: in memory, written ahead of its verification, or not here. */
type Slot = ReceivedBlock | typeof ON_DISK | undefined;

interface BufferedPiece {
  readonly slots: Slot[];
  /** Bytes held in memory. */
  heldBytes: number;
  /** A write of some of its blocks is under way: the piece may not be taken before it ends. */
  spilling: Promise<void> | null;
}

/** A complete piece, ready for `Storage.hashAndWrite`. */
export interface CompletePiece {
  readonly parts: readonly number[];
  /** Gives the memory back. Called once, after the storage answered. */
  release(): void;
}

/**
 * Holds the blocks of pieces that are not complete, where the sockets put them.
 *
 * When memory gets tight the pieces that have waited longest are written unverified (spilled);
 * they are read back for hashing when they are complete.
 */
export class PieceBuffer {
  readonly #geometry: Geometry;
  readonly #storage: Storage;
  readonly #pieces = new Map<number, BufferedPiece>();
  #heldBytes = 0;

  constructor(geometry: Geometry, storage: Storage) {
    this.#geometry = geometry;
    this.#storage = storage;
  }

  /** Payload of incomplete pieces in memory, in bytes. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  put(piece: number, block: number, received: ReceivedBlock): void {
    let buffered = this.#pieces.get(piece);
    if (buffered === undefined) {
      buffered = { slots: [], heldBytes: 0, spilling: null };
      this.#pieces.set(piece, buffered);
    }
    buffered.slots[block] = received;
    const lengthBytes = this.#geometry.blockLength(piece, block);
    buffered.heldBytes += lengthBytes;
    this.#heldBytes += lengthBytes;
  }

  /** Takes out a piece whose blocks are all here; a promise only while it is being spilled. */
  take(piece: number): CompletePiece | Promise<CompletePiece> {
    const buffered = this.#pieces.get(piece);
    if (buffered === undefined) throw new Error(`piece ${piece} is not buffered`);
    if (buffered.spilling === null) return this.#remove(piece, buffered);
    return buffered.spilling.then(() => this.#remove(piece, buffered));
  }

  /** Forgets what is held of a piece. */
  drop(piece: number): void {
    const buffered = this.#pieces.get(piece);
    if (buffered === undefined) return;
    if (buffered.spilling !== null) {
      void buffered.spilling.then(() => this.drop(piece));
      return;
    }
    this.#remove(piece, buffered).release();
  }

  /**
   * Writes held blocks to disk until at least `wantedBytes` are on their way out of memory.
   * @throws {DiskError} (rejects) when a write fails; the blocks stay in memory then.
   */
  async spill(wantedBytes: number): Promise<void> {
    const writes: Promise<void>[] = [];
    let spilledBytes = 0;
    for (const [piece, buffered] of this.#pieces) {
      if (spilledBytes >= wantedBytes) break;
      if (buffered.spilling !== null || buffered.heldBytes === 0) continue;
      spilledBytes += buffered.heldBytes;
      const write = this.#spillPiece(piece, buffered);
      // Whoever waits for the end of the spill is not the one to hear of its failure.
      buffered.spilling = write.catch(() => {}).then(() => void (buffered.spilling = null));
      writes.push(write);
    }
    await Promise.all(writes);
  }

  clear(): void {
    for (const piece of [...this.#pieces.keys()]) this.drop(piece);
  }

  async #spillPiece(piece: number, buffered: BufferedPiece): Promise<void> {
    const writes: Promise<void>[] = [];
    const { slots } = buffered;
    // Runs of neighbouring blocks leave with one write.
    for (let block = 0; block < slots.length; block++) {
      const run: ReceivedBlock[] = [];
      const first = block;
      for (; block < slots.length; block++) {
        const slot = slots[block];
        if (slot === undefined || slot === ON_DISK) break;
        run.push(slot);
      }
      if (run.length === 0) continue;
      writes.push(this.#spillRun(piece, buffered, first, run));
    }
    await Promise.all(writes);
  }

  async #spillRun(
    piece: number,
    buffered: BufferedPiece,
    first: number,
    run: readonly ReceivedBlock[],
  ): Promise<void> {
    const { pieceLengthBytes } = this.#geometry;
    const offsetBytes = piece * pieceLengthBytes + first * BLOCK_LENGTH_BYTES;
    await this.#storage.write(
      offsetBytes,
      run.flatMap((block) => block.parts),
    );
    run.forEach((block, index) => {
      buffered.slots[first + index] = ON_DISK;
      const lengthBytes = this.#geometry.blockLength(piece, first + index);
      buffered.heldBytes -= lengthBytes;
      this.#heldBytes -= lengthBytes;
      releaseBlock(block);
    });
  }

  #remove(piece: number, buffered: BufferedPiece): CompletePiece {
    this.#pieces.delete(piece);
    this.#heldBytes -= buffered.heldBytes;
    const parts: number[] = [];
    const held: ReceivedBlock[] = [];
    for (let block = 0; block < this.#geometry.blocksIn(piece); block++) {
      const slot = buffered.slots[block];
      if (slot === undefined || slot === ON_DISK) {
        parts.push(ON_DISK, this.#geometry.blockLength(piece, block));
      } else {
        for (const part of slot.parts) parts.push(part);
        held.push(slot);
      }
    }
    // Padding reads as zeros.
    const padding = this.#geometry.lengthOf(piece) - this.#geometry.payloadOf(piece);
    if (padding > 0) parts.push(ON_DISK, padding);
    return { parts, release: () => held.forEach(releaseBlock) };
  }
}
