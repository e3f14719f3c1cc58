import { Extents } from "./extents.ts";
import type { SimRandom } from "./sim-random.ts";

/** Kernels write back what is dirty for this long (Linux: dirty_expire_centisecs). */
const WRITE_BACK_MS = 30_000;

/** A sector of today's disks: what is written is torn at its borders. */
export const SECTOR_BYTES = 4096;

interface Write {
  readonly atMs: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A file: what programs see, and what a power cut would leave of it. */
export class SimFile {
  content = new Extents();
  modifiedMs = 0;
  isExecutable = false;
  /** Whether the file's name would survive a power cut. */
  #isNameDurable = false;
  #durable = new Extents();
  /** Writes that are not in `#durable`, oldest first. */
  #dirty: Write[] = [];

  write(offset: number, bytes: Uint8Array, nowMs: number): void {
    this.#writeBack(nowMs);
    this.content.write(offset, bytes);
    this.#dirty.push({ atMs: nowMs, offset, bytes });
  }

  /** Durable at once. */
  truncate(lengthBytes: number): void {
    this.content.truncate(lengthBytes);
    this.#isNameDurable = true;
    this.#durable = this.content.clone();
    this.#dirty = [];
  }

  sync(): void {
    this.#isNameDurable = true;
    if (this.#dirty.length === 0) return;
    this.#durable = this.content.clone();
    this.#dirty = [];
  }

  /** Power fails: each dirty write is kept, lost or torn. Returns whether the file still exists. */
  cutPower(random: SimRandom, nowMs: number): boolean {
    this.#writeBack(nowMs);
    if (!this.#isNameDurable && random.integer(3) === 0) return false;
    for (const { offset, bytes } of this.#dirty) {
      this.#durable.write(offset, bytes.subarray(0, tornLength(random, offset, bytes.length)));
    }
    this.#dirty = [];
    this.content = this.#durable.clone();
    return true;
  }

  #writeBack(nowMs: number): void {
    const oldest = this.#dirty[0];
    if (oldest === undefined || oldest.atMs > nowMs - WRITE_BACK_MS) return;
    this.#isNameDurable = true;
    let index = 0;
    for (; index < this.#dirty.length; index++) {
      const write = this.#dirty[index] as Write;
      if (write.atMs > nowMs - WRITE_BACK_MS) break;
      this.#durable.write(write.offset, write.bytes);
    }
    this.#dirty.splice(0, index);
  }
}

/**
 * How much of an interrupted write at `offset` is on disk: nothing, all, or up to some sector's
 * border, each a third of the time.
 */
export function tornLength(random: SimRandom, offset: number, lengthBytes: number): number {
  const fate = random.integer(3);
  if (fate === 0 || lengthBytes === 0) return 0;
  if (fate === 1) return lengthBytes;
  const firstBorder = (SECTOR_BYTES - (offset % SECTOR_BYTES)) % SECTOR_BYTES;
  const borders = Math.ceil((lengthBytes - firstBorder) / SECTOR_BYTES);
  return borders < 1 ? 0 : firstBorder + random.integer(borders) * SECTOR_BYTES;
}
