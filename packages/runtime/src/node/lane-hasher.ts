import { setImmediate as nextTurn } from "node:timers/promises";
import { createHasher } from "../hash-kernel/hasher.ts";
import type { Hasher } from "../hash-kernel/hasher.ts";
import { LANES } from "../hash-kernel/scratch-layout.ts";
import { measureLaneCosts, NEVER_LANES } from "../hash-kernel/lane-costs.ts";
import { hasShaInstructions } from "../hash-kernel/sha-instructions.ts";
import type { SharedMemory } from "../hash-kernel/web-assembly.ts";

/** A worker that hashes less than this never pays the 40 ms of the measurement. */
const MEASURE_AFTER_BYTES = 32 * 1024 * 1024;

/** A hasher that finds out, once there is enough to hash, whether lanes beat OpenSSL on this processor. */
export interface LaneHasher {
  current(): Hasher;
  /** Whether pieces with a SHA-1 are hashed faster together. */
  readonly usesLanes: boolean;
  /** Counts work done; starts the measurement when it pays. */
  count(lengthBytes: number): void;
}

export function createLaneHasher(memory: SharedMemory, scratchOffset: number): LaneHasher {
  let hasher = createHasher({ memory, scratchOffset, costs: NEVER_LANES });
  let usesLanes = false;
  let doneBytes = 0;

  async function measure(): Promise<void> {
    if (hasShaInstructions(() => performance.now())) return;
    const costs = await measureLaneCosts({
      nowMs: () => performance.now(),
      pause: () => nextTurn(),
    });
    hasher = createHasher({ memory, scratchOffset, costs });
    usesLanes = costs.sha1 < LANES;
  }

  return {
    current: () => hasher,
    get usesLanes() {
      return usesLanes;
    },
    count(lengthBytes) {
      const before = doneBytes;
      doneBytes += lengthBytes;
      if (before < MEASURE_AFTER_BYTES && doneBytes >= MEASURE_AFTER_BYTES) void measure();
    },
  };
}
