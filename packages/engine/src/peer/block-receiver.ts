import { SLAB_SIZES, type Slab, type SlabPool } from "@shoal/runtime";

/** A block's bytes where they lie in the pool's memory. Whoever holds it must release it once. */
export interface ReceivedBlock {
  /** Flat `[place, lengthBytes, ...]`, as `Parts`. */
  readonly parts: number[];
  readonly slabs: Slab[];
}

/** Gives back the memory of a block. */
export function releaseBlock(block: ReceivedBlock): void {
  for (const slab of block.slabs) slab.release();
  block.slabs.length = 0;
}

/** Gathers the parts of the block that is arriving on one connection. */
export class BlockReceiver {
  readonly #pool: SlabPool;
  #parts: number[] = [];
  #slabs: Slab[] = [];
  /** Where copied bytes go on: only for parts that did not arrive in the pool's memory. */
  #copyAt = 0;
  #copySlab: Slab | null = null;

  constructor(pool: SlabPool) {
    this.#pool = pool;
  }

  add(bytes: Uint8Array, from: number, lengthBytes: number, slab: Slab | null): void {
    if (slab !== null) this.#keep(slab, slab.offset + from, lengthBytes);
    else this.#copy(bytes.subarray(from, from + lengthBytes));
  }

  /** The whole block; the receiver starts afresh. */
  take(): ReceivedBlock {
    const block = { parts: this.#parts, slabs: this.#slabs };
    this.#parts = [];
    this.#slabs = [];
    this.#copySlab = null;
    return block;
  }

  /** Drops what has arrived. */
  clear(): void {
    releaseBlock(this.take());
  }

  #keep(slab: Slab, place: number, lengthBytes: number): void {
    const parts = this.#parts;
    const last = parts.length - 2;
    if (this.#slabs.at(-1) === slab && parts[last]! + parts[last + 1]! === place) {
      parts[last + 1]! += lengthBytes;
      return;
    }
    slab.retain();
    this.#slabs.push(slab);
    parts.push(place, lengthBytes);
  }

  /** The first bytes after a pause arrive in the connection's own small buffer. */
  #copy(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#copySlab === null || this.#copyAt === this.#copySlab.lengthBytes) {
        this.#copySlab = this.#pool.acquire(SLAB_SIZES[0]);
        this.#copyAt = 0;
        this.#slabs.push(this.#copySlab);
        this.#parts.push(this.#copySlab.offset, 0);
      }
      const lengthBytes = Math.min(bytes.length - at, this.#copySlab.lengthBytes - this.#copyAt);
      this.#copySlab.bytes.set(bytes.subarray(at, at + lengthBytes), this.#copyAt);
      this.#place(this.#copySlab.offset + this.#copyAt, lengthBytes);
      this.#copyAt += lengthBytes;
      at += lengthBytes;
    }
  }

  #place(place: number, lengthBytes: number): void {
    const parts = this.#parts;
    const last = parts.length - 2;
    if (parts[last]! + parts[last + 1]! === place) parts[last + 1]! += lengthBytes;
    else parts.push(place, lengthBytes);
  }
}
