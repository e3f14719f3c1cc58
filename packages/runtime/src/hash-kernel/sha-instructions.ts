import { hash } from "node:crypto";

const SAMPLE_BYTES = 64 * 1024;
/** The best round counts: whatever else the machine does only adds to a time. */
const ROUNDS = 8;

/**
 * With instructions for both, SHA-256 takes at most a tenth longer than SHA-1 (Zen 3: 1.06 times);
 * without, its work shows: 2.2 times on Cascade Lake, 1.5 on a Cortex-A72.
 */
const MOST_WITH_INSTRUCTIONS = 1.3;

/** Whether OpenSSL hashes with the processor's SHA instructions, which no lanes can beat. Takes about 1 ms. */
export function hasShaInstructions(nowMs: () => number): boolean {
  const sample = new Uint8Array(SAMPLE_BYTES);
  const best = { sha1: Infinity, sha256: Infinity };
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ["sha1", "sha256"] as const) {
      const startMs = nowMs();
      hash(name, sample, "buffer");
      best[name] = Math.min(best[name], nowMs() - startMs);
    }
  }
  return best.sha256 < best.sha1 * MOST_WITH_INSTRUCTIONS;
}
