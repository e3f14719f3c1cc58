import { poolMemoryBytes } from "../slab-pool/slab-pool.ts";

/** The part of `WebAssembly.Memory` that is used here; TypeScript declares it only for browsers. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

declare const WebAssembly: {
  Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => SharedMemory;
};

const PAGE_BYTES = 64 * 1024;

/** Address space only: pages that nobody touches take no memory. */
const MAXIMUM_BYTES = 256 * 1024 * 1024;

/**
 * Memory for a slab pool and, behind it from `poolMemoryBytes(budgetBytes)` on, `scratchBytes` for
 * hash kernels: made as a WebAssembly memory so that they work on payload in place.
 * @throws {RangeError} when all of it is over 256 MiB.
 */
export function createSharedMemory(budgetBytes: number, scratchBytes: number): SharedMemory {
  const lengthBytes = poolMemoryBytes(budgetBytes) + scratchBytes;
  if (lengthBytes > MAXIMUM_BYTES) {
    throw new RangeError(
      `A pool budget of ${budgetBytes} bytes needs ${lengthBytes} bytes of memory; at most ${MAXIMUM_BYTES} are possible.`,
    );
  }
  return new WebAssembly.Memory({
    initial: Math.ceil(lengthBytes / PAGE_BYTES),
    maximum: MAXIMUM_BYTES / PAGE_BYTES,
    shared: true,
  });
}
