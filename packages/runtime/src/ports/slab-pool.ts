/**
 * Shared memory for payload, handed out in slabs with counted references.
 *
 * Invariant: a slab returns to its free list when, and only when, its count falls to zero.
 */

/** Slab sizes, smallest first. Slow peers hold small slabs; fast ones spare system calls with large ones. */
export const SLAB_SIZES = [16 * 1024, 64 * 1024, 256 * 1024, 1024 * 1024 + 64 * 1024] as const;

export type SlabSize = (typeof SLAB_SIZES)[number];

export interface Slab {
  /** Offset of the first byte in the pool's memory. */
  readonly offset: number;
  readonly lengthBytes: number;
  /** The slab's bytes. */
  readonly bytes: Uint8Array;
  /** One more holder. */
  retain(): void;
  /** One holder less. @throws {Error} when there was none left. */
  release(): void;
}

export interface SlabPool {
  /** The whole memory, for workers. */
  readonly memory: SharedArrayBuffer;
  /** Bytes that receivers should stay under: beyond it `isTight` and they pause. */
  readonly budgetBytes: number;
  readonly usedBytes: number;
  /** True when the budget is used up. Slabs are still given, from the reserve, so that a read under way has a place. */
  readonly isTight: boolean;
  /**
   * A slab with one reference.
   * @throws {PoolExhaustedError} when budget and reserve are both used up.
   */
  acquire(size: SlabSize): Slab;
  /** Calls `listener` each time the pool stops being tight. Returns a function that removes it. */
  onRelief(listener: () => void): () => void;
}
