import { LANES, SCRATCH_BYTES } from "../hash-kernel/scratch-layout.ts";

/** What one piece may bring in from disk at a time; with four lanes a core's cache still helps. */
export const WINDOW_BYTES = 1024 * 1024;

const PAGE_BYTES = 64 * 1024;

/** A hash worker's part of the shared memory: a window for each lane, then the kernel's scratch. */
export const WORKSPACE_BYTES =
  LANES * WINDOW_BYTES + Math.ceil(SCRATCH_BYTES / PAGE_BYTES) * PAGE_BYTES;

export function windowPlace(workspace: number, lane: number): number {
  return workspace + lane * WINDOW_BYTES;
}

export function scratchPlace(workspace: number): number {
  return workspace + LANES * WINDOW_BYTES;
}
