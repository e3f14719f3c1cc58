import { PoolExhaustedError, type Slab, type SlabPool, type SlabSize } from "@shoal/runtime";

/** A slab, or null when the pool has none: budget and reserve are used up, or too finely divided. */
export function tryAcquire(pool: SlabPool, size: SlabSize): Slab | null {
  try {
    return pool.acquire(size);
  } catch (error) {
    if (error instanceof PoolExhaustedError) return null;
    throw error;
  }
}
