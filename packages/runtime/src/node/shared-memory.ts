import { createSharedMemory, PAGE_BYTES } from "../hash-kernel/web-assembly.ts";
import type { SharedMemory } from "../hash-kernel/web-assembly.ts";
import { poolMemoryBytes } from "../slab-pool/slab-pool.ts";
import { WORKSPACE_BYTES } from "./piece-workspace.ts";

/** As much as fits beside a program in a small machine. */
const MAX_POOL_BYTES = 256 * 1024 * 1024;

export interface DiskMemory {
  readonly memory: SharedMemory;
  /** Where each hash worker's workspace starts; they follow the pool. */
  readonly workspaces: readonly number[];
}

/**
 * Memory for the slab pool and the hash workers' workspaces. It is a WebAssembly memory, so that
 * hash kernels read payload in place. Pages that nobody touches take no memory.
 * @throws {RangeError} when the budget and its reserve are over 256 MiB.
 */
export function createDiskMemory(budgetBytes: number, hashWorkers: number): DiskMemory {
  const poolBytes = poolMemoryBytes(budgetBytes);
  if (poolBytes > MAX_POOL_BYTES) {
    throw new RangeError(
      `A pool budget of ${budgetBytes} bytes needs ${poolBytes} bytes of memory; at most ${MAX_POOL_BYTES} are possible.`,
    );
  }
  return {
    memory: createSharedMemory((poolBytes + hashWorkers * WORKSPACE_BYTES) / PAGE_BYTES),
    workspaces: Array.from(
      { length: hashWorkers },
      (_, index) => poolBytes + index * WORKSPACE_BYTES,
    ),
  };
}
