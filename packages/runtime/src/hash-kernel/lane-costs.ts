import { createHash } from "node:crypto";
import type { Parts } from "../ports/disk.ts";
import type { HashKernel } from "./hash-kernel.ts";
import { createHashKernel } from "./hash-kernel.ts";
import { LANES, SCRATCH_BYTES } from "./scratch-layout.ts";
import { PAGE_BYTES, createSharedMemory } from "./web-assembly.ts";

/**
 * What filling all lanes once costs, in messages that OpenSSL hashes in the same time. Lanes are
 * worth it for more messages than that.
 */
export interface LaneCosts {
  readonly sha1: number;
  /** Blocks of 16 KiB. */
  readonly sha256: number;
  /** Pairs of hashes. */
  readonly pairs: number;
}

export const ALWAYS_LANES: LaneCosts = { sha1: 0, sha256: 0, pairs: 0 };

export const NEVER_LANES: LaneCosts = { sha1: Infinity, sha256: Infinity, pairs: Infinity };

/**
 * Rounds of half a millisecond, the best of which counts. V8 replaces the code of its first compiler
 * by that of its second, three times as fast, within twenty of them.
 */
const ROUNDS = 64;

const SHA1_BYTES = 64 * 1024;
const BLOCK_BYTES = 16 * 1024;
const PAIRS_BYTES = 16 * 64;

/**
 * Checks the kernel against OpenSSL and measures both, in memory of its own; takes about 40 ms.
 * OpenSSL may win where it uses the processor's SHA instructions.
 * @returns `NEVER_LANES` when the kernel cannot be compiled, has no memory or gives a wrong hash.
 */
export async function measureLaneCosts(options: {
  /** A clock that never goes back. */
  readonly nowMs: () => number;
  /** Awaited twice a millisecond, so that other work can go on. */
  readonly pause: () => Promise<void>;
  readonly createKernel?: typeof createHashKernel;
}): Promise<LaneCosts> {
  const { nowMs, pause, createKernel = createHashKernel } = options;
  const pages = (LANES * SHA1_BYTES) / PAGE_BYTES + 1;
  let kernel: HashKernel;
  let bytes: Uint8Array;
  try {
    const memory = createSharedMemory(pages);
    kernel = createKernel({ memory, scratchOffset: pages * PAGE_BYTES - SCRATCH_BYTES });
    bytes = new Uint8Array(memory.buffer, 0, LANES * SHA1_BYTES);
  } catch {
    return NEVER_LANES;
  }
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Math.imul(index, index + 7) >> 5;
  if (!isCorrect(kernel, bytes)) return NEVER_LANES;
  const contests = createContests(kernel, bytes, nowMs);
  for (let round = 0; round < ROUNDS; round++) {
    for (const contest of Object.values(contests)) contest.run();
    await pause();
  }
  return {
    sha1: contests.sha1.ratio(),
    sha256: contests.sha256.ratio(),
    pairs: contests.pairs.ratio(),
  };
}

const digest = (algorithm: string, content: Uint8Array): Buffer =>
  createHash(algorithm).update(content).digest();

/** One message for each lane, at offsets and of lengths that share no factor. */
function isCorrect(kernel: HashKernel, bytes: Uint8Array): boolean {
  const messages: Parts[] = [0, 1, 2, 3].map((lane) => {
    const place = lane * SHA1_BYTES + lane;
    const [first, second] = [lane * 63, 1000 + lane * 37];
    return [place, first, place + first, second];
  });
  const contents = messages.map(([place = 0, first = 0, , second = 0]) =>
    bytes.subarray(place, place + first + second),
  );
  const areEqual = (found: readonly Uint8Array[], algorithm: string) =>
    contents.every((content, lane) => digest(algorithm, content).equals(found[lane] as Uint8Array));
  const pair = bytes.subarray(0, 64);
  return (
    areEqual(kernel.sha1Lanes(messages), "sha1") &&
    areEqual(kernel.sha256Lanes(messages), "sha256") &&
    digest("sha256", pair).equals(kernel.sha256Pairs(pair))
  );
}

function createContests(kernel: HashKernel, bytes: Uint8Array, nowMs: () => number) {
  const lanes = (lengthBytes: number): Parts[] =>
    [0, 1, 2, 3].map((lane) => [lane * SHA1_BYTES, lengthBytes]);
  const pairs = bytes.subarray(0, PAIRS_BYTES);
  const groupsOfPairs = PAIRS_BYTES / 64 / LANES;
  return {
    sha1: createContest(
      nowMs,
      () => kernel.sha1Lanes(lanes(SHA1_BYTES)),
      () => digest("sha1", bytes.subarray(0, SHA1_BYTES)),
    ),
    sha256: createContest(
      nowMs,
      () => kernel.sha256Lanes(lanes(BLOCK_BYTES)),
      () => digest("sha256", bytes.subarray(0, BLOCK_BYTES)),
    ),
    pairs: createContest(
      nowMs,
      () => kernel.sha256Pairs(pairs),
      () => {
        for (let group = 0; group < groupsOfPairs; group++) digest("sha256", bytes.subarray(0, 64));
      },
    ),
  };
}

/** Compares the best times: whatever else the machine does only adds to a time. */
function createContest(nowMs: () => number, lanes: () => unknown, single: () => unknown) {
  let bestLanesMs = Infinity;
  let bestSingleMs = Infinity;
  const time = (work: () => unknown) => {
    const startMs = nowMs();
    work();
    return nowMs() - startMs;
  };
  return {
    run() {
      bestLanesMs = Math.min(bestLanesMs, time(lanes));
      bestSingleMs = Math.min(bestSingleMs, time(single));
    },
    ratio: () => bestLanesMs / bestSingleMs,
  };
}
