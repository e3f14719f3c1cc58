import { PoolExhaustedError } from "../errors.ts";
import { SLAB_SIZES } from "../ports/slab-pool.ts";
import type { Slab, SlabPool, SlabSize } from "../ports/slab-pool.ts";

/**
 * The memory is cut into regions as large as the largest slab. A free region takes whichever size
 * is asked next and serves only that size until all its slabs are back, so no size can starve
 * another for long, and finding a slab costs the same at any fill.
 */
const REGION_BYTES = SLAB_SIZES[3];

/** Regions beyond the budget: reads that are under way when it runs out, and regions partly used. */
const RESERVE_SHARE = 4;
const MIN_RESERVE_REGIONS = 4;

/** A tight pool is relieved when an eighth of the budget is free, so that sockets do not flutter. */
const RELIEF_SHARE = 8;

/** The length of the memory that a pool of this budget works in: the budget and the reserve. */
export function poolMemoryBytes(budgetBytes: number): number {
  const regions = Math.max(1, Math.ceil(budgetBytes / REGION_BYTES));
  return (
    (regions + Math.max(MIN_RESERVE_REGIONS, Math.ceil(regions / RESERVE_SHARE))) * REGION_BYTES
  );
}

interface Region {
  readonly offset: number;
  /** Which of `SLAB_SIZES` it serves; -1 while it is free. */
  sizeClass: number;
  usedSlabs: number;
  /** Free slabs of the current size. */
  free: PooledSlab[];
  /** Slabs of every size made so far: the views are made once, not with every acquire. */
  readonly made: PooledSlab[][];
}

/**
 * A pool over `memory`, or over fresh shared memory of `poolMemoryBytes(budgetBytes)`.
 * @throws {RangeError} when the budget is not positive or the memory is shorter than needed.
 */
export function createSlabPool(options: {
  readonly budgetBytes: number;
  readonly memory?: SharedArrayBuffer;
}): SlabPool {
  const { budgetBytes } = options;
  if (!(budgetBytes > 0)) {
    throw new RangeError(`A pool's budget is a positive number of bytes, not ${budgetBytes}.`);
  }
  const neededBytes = poolMemoryBytes(budgetBytes);
  const memory = options.memory ?? new SharedArrayBuffer(neededBytes);
  if (memory.byteLength < neededBytes) {
    throw new RangeError(
      `A pool of ${budgetBytes} bytes needs ${neededBytes} bytes of memory, but got ${memory.byteLength}.`,
    );
  }
  return new RegionPool(memory, budgetBytes, neededBytes / REGION_BYTES);
}

class RegionPool implements SlabPool {
  readonly memory: SharedArrayBuffer;
  readonly budgetBytes: number;
  usedBytes = 0;
  isTight = false;
  readonly #regions: Region[] = [];
  readonly #listeners = new Set<() => void>();
  /** Per size, the lowest region that may have a free slab; the last entry is for free regions. */
  readonly #lowest: number[] = Array.from({ length: SLAB_SIZES.length + 1 }, () => 0);

  constructor(memory: SharedArrayBuffer, budgetBytes: number, regionCount: number) {
    this.memory = memory;
    this.budgetBytes = budgetBytes;
    for (let index = 0; index < regionCount; index++) {
      this.#regions.push({
        offset: index * REGION_BYTES,
        sizeClass: -1,
        usedSlabs: 0,
        free: [],
        made: SLAB_SIZES.map(() => []),
      });
    }
  }

  acquire(size: SlabSize): Slab {
    const sizeClass = SLAB_SIZES.indexOf(size);
    if (sizeClass < 0) {
      throw new RangeError(`A slab has ${SLAB_SIZES.join(", ")} bytes, not ${String(size)}.`);
    }
    const slab = this.#take(sizeClass);
    slab.references = 1;
    this.usedBytes += size;
    if (this.usedBytes >= this.budgetBytes) this.isTight = true;
    return slab;
  }

  onRelief(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(sizeClass: number): PooledSlab {
    const index = this.#findRegion(sizeClass);
    const region = this.#regions[index];
    if (region === undefined) {
      // The reserve is for reads under way; with none left, the caller has ignored `isTight`.
      throw new PoolExhaustedError(
        "pool-exhausted",
        `No slab of ${SLAB_SIZES[sizeClass]} bytes is free: ${this.usedBytes} bytes are in use, the budget is ` +
          `${this.budgetBytes}. Pause reading while the pool is tight, or raise the budget.`,
      );
    }
    if (region.sizeClass === -1) this.#assign(region, index, sizeClass);
    region.usedSlabs++;
    return region.free.pop() as PooledSlab;
  }

  /** The lowest region with a free slab of the size, or else the lowest free region: high ones drain. */
  #findRegion(sizeClass: number): number {
    const regions = this.#regions;
    for (let index = this.#lowest[sizeClass] ?? 0; index < regions.length; index++) {
      const region = regions[index] as Region;
      if (region.sizeClass === sizeClass && region.free.length > 0) {
        this.#lowest[sizeClass] = index;
        return index;
      }
    }
    this.#lowest[sizeClass] = regions.length;
    for (let index = this.#lowest[SLAB_SIZES.length] ?? 0; index < regions.length; index++) {
      if ((regions[index] as Region).sizeClass === -1) {
        this.#lowest[SLAB_SIZES.length] = index;
        return index;
      }
    }
    this.#lowest[SLAB_SIZES.length] = regions.length;
    return -1;
  }

  #assign(region: Region, index: number, sizeClass: number): void {
    region.sizeClass = sizeClass;
    const slabs = region.made[sizeClass] as PooledSlab[];
    if (slabs.length === 0) {
      const size = SLAB_SIZES[sizeClass] as SlabSize;
      for (let at = Math.floor(REGION_BYTES / size) - 1; at >= 0; at--) {
        slabs.push(
          new PooledSlab(this.memory, region.offset + at * size, size, (slab) =>
            this.#giveBack(index, slab),
          ),
        );
      }
    }
    region.free = slabs.slice();
    this.#lowest[sizeClass] = Math.min(this.#lowest[sizeClass] ?? 0, index);
  }

  #giveBack(index: number, slab: PooledSlab): void {
    const region = this.#regions[index] as Region;
    region.free.push(slab);
    const sizeClass = region.sizeClass;
    this.#lowest[sizeClass] = Math.min(this.#lowest[sizeClass] ?? 0, index);
    if (--region.usedSlabs === 0) {
      region.sizeClass = -1;
      this.#lowest[SLAB_SIZES.length] = Math.min(this.#lowest[SLAB_SIZES.length] ?? 0, index);
    }
    this.usedBytes -= slab.lengthBytes;
    if (this.isTight && this.usedBytes <= this.budgetBytes - this.budgetBytes / RELIEF_SHARE) {
      this.isTight = false;
      // A copy: whoever finds the pool tight again listens again, and is told the next time.
      for (const listener of [...this.#listeners]) listener();
    }
  }
}

class PooledSlab implements Slab {
  readonly offset: number;
  readonly lengthBytes: number;
  readonly bytes: Uint8Array;
  references = 0;
  readonly #giveBack: (slab: PooledSlab) => void;

  constructor(
    memory: SharedArrayBuffer,
    offset: number,
    lengthBytes: number,
    giveBack: (slab: PooledSlab) => void,
  ) {
    this.offset = offset;
    this.lengthBytes = lengthBytes;
    this.bytes = new Uint8Array(memory, offset, lengthBytes);
    this.#giveBack = giveBack;
  }

  retain(): void {
    if (this.references === 0)
      throw new Error(`The slab at ${this.offset} was retained after its last release.`);
    this.references++;
  }

  release(): void {
    if (this.references === 0)
      throw new Error(`The slab at ${this.offset} was released more often than retained.`);
    if (--this.references === 0) this.#giveBack(this);
  }
}
