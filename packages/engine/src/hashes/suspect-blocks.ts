import { HASH_LENGTH_BYTES } from "@shoal/protocol";
import { findBadBlocks } from "./find-bad-blocks.ts";

/** Hashes kept of blocks of bad pieces, in bytes; beyond it the oldest piece is forgotten. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
/** Bad versions kept of one piece: each had several senders, who are on parole since. */
const MAX_VERSIONS = 8;

/** Who spoiled a piece, and who had part in it and did not. */
export interface PieceJudgement {
  /** IP addresses. */
  readonly guilty: ReadonlySet<string>;
  readonly innocent: ReadonlySet<string>;
}

/** A piece as it came once, and was bad. */
interface BadVersion {
  /** SHA-256 of each block. */
  readonly leaves: Uint8Array;
  /** IP address of each block's sender. */
  readonly senders: readonly (string | undefined)[];
}

/**
 * Remembers what the blocks of bad pieces were, and who sent them, until the piece is good: then it shows
 * whose blocks were different. So a liar among honest peers is known for certain, in torrents of any version.
 */
export class SuspectBlocks {
  readonly #pieces = new Map<number, BadVersion[]>();
  #keptBytes = 0;

  /** A bad version of this piece is remembered: the hashes of its good one are wanted. */
  isSuspect(piece: number): boolean {
    return this.#pieces.has(piece);
  }

  /** A piece with several senders was bad. */
  add(piece: number, version: BadVersion): void {
    const versions = this.#pieces.get(piece) ?? [];
    if (versions.length >= MAX_VERSIONS || version.leaves.length > MAX_KEPT_BYTES) return;
    versions.push(version);
    this.#pieces.set(piece, versions);
    this.#keptBytes += version.leaves.length;
    while (this.#keptBytes > MAX_KEPT_BYTES) this.forget(this.#pieces.keys().next().value!);
  }

  forget(piece: number): void {
    for (const { leaves } of this.#pieces.get(piece) ?? []) this.#keptBytes -= leaves.length;
    this.#pieces.delete(piece);
  }

  /**
   * A piece is good, and this is what its blocks hash to. Its bad versions are forgotten.
   * @param goodLeaves SHA-256 of each block, 32 bytes each.
   */
  judge(piece: number, goodLeaves: Uint8Array): PieceJudgement {
    const versions = this.#pieces.get(piece) ?? [];
    this.forget(piece);
    return judgeVersions(versions, goodLeaves);
  }
}

/** Compares bad versions of a piece with what its blocks should hash to. */
export function judgeVersions(
  versions: readonly BadVersion[],
  goodLeaves: Uint8Array,
): PieceJudgement {
  const guilty = new Set<string>();
  const innocent = new Set<string>();
  for (const { leaves, senders } of versions) {
    if (leaves.length !== goodLeaves.length) continue;
    const bad = new Set(findBadBlocks(leaves, goodLeaves));
    for (let block = 0; block < leaves.length / HASH_LENGTH_BYTES; block++) {
      const sender = senders[block];
      if (sender !== undefined) (bad.has(block) ? guilty : innocent).add(sender);
    }
  }
  for (const address of guilty) innocent.delete(address);
  return { guilty, innocent };
}
