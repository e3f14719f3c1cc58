import type { Hasher } from "../hash-kernel/hasher.ts";
import { ON_DISK } from "../ports/disk.ts";
import type { Parts, PieceCheck, PieceVerdict } from "../ports/disk.ts";
import { judge } from "./piece-hash.ts";

/** A piece to hash and where its bytes lie. */
export interface PlacedPiece {
  readonly check: PieceCheck;
  readonly parts: Parts;
}

export function isInMemory({ parts }: PlacedPiece): boolean {
  for (let at = 0; at < parts.length; at += 2) if (parts[at] === ON_DISK) return false;
  return true;
}

/**
 * Judges pieces that lie in memory, all parts of them.
 * @throws {RangeError} when a part lies outside the memory.
 */
export function judgePieces(hasher: Hasher, pieces: readonly PlacedPiece[]): PieceVerdict[] {
  const withSha1 = pieces.filter(({ check }) => check.sha1 !== undefined);
  const sha1s = hasher.sha1(withSha1.map(({ parts }) => parts));
  const sha1Of = new Map(withSha1.map((piece, index) => [piece, sha1s[index]]));
  const withLeaves = pieces.filter(
    ({ check }) => check.merkle !== undefined || check.wantLeaves === true,
  );
  const leaves = hasher.leaves(
    withLeaves.map(({ check, parts }) => ({
      parts,
      lengthBytes: check.merkle?.lengthBytes ?? check.lengthBytes,
    })),
  );
  const leavesOf = new Map(withLeaves.map((piece, index) => [piece, leaves[index]]));
  return pieces.map((piece) => {
    const { sha1, merkle } = piece.check;
    const ownLeaves = leavesOf.get(piece);
    return judge(
      piece.check,
      sha1 && areEqual(sha1Of.get(piece), sha1),
      merkle && ownLeaves && areEqual(hasher.merkleRoot(ownLeaves, merkle.leafCount), merkle.root),
      ownLeaves,
    );
  });
}

function areEqual(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left !== undefined && Buffer.compare(left, right) === 0;
}
