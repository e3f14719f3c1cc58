import { createHash } from "node:crypto";
import type { PieceCheck, PieceVerdict } from "../ports/disk.ts";

/** BEP 52: the unit of its trees. */
const BLOCK_BYTES = 16 * 1024;
const HASH_BYTES = 32;

/** Judges a piece by its real hashes. @param views its bytes in order, in parts of any size. */
export function judgePiece(check: PieceCheck, views: readonly Uint8Array[]): PieceVerdict {
  const { sha1, merkle, wantSha1 = false, wantLeaves = false, lengthBytes } = check;
  const digest = sha1 !== undefined || wantSha1 ? hashViews("sha1", views) : undefined;
  const sha1Ok = sha1 && digest && isSame(digest, sha1);
  const isLeafy = merkle !== undefined || wantLeaves;
  const leavesLengthBytes = merkle?.lengthBytes ?? check.leavesLengthBytes ?? lengthBytes;
  const leaves = isLeafy ? leavesOf(views, leavesLengthBytes) : undefined;
  const merkleOk =
    merkle === undefined || leaves === undefined
      ? undefined
      : isSame(merkleRoot(leaves, merkle.leafCount), merkle.root);
  const isJudged = sha1 !== undefined || merkle !== undefined;
  return {
    ok: isJudged && sha1Ok !== false && merkleOk !== false,
    ...(sha1Ok !== undefined && { sha1Ok }),
    ...(merkleOk !== undefined && { merkleOk }),
    ...(wantSha1 && digest && { sha1: digest }),
    ...(leaves !== undefined && (wantLeaves || merkleOk === false) && { leaves }),
  };
}

/** The verdict on a piece that is not there. */
export function judgeMissing({ sha1, merkle }: PieceCheck): PieceVerdict {
  return {
    ok: false,
    ...(sha1 !== undefined && { sha1Ok: false }),
    ...(merkle !== undefined && { merkleOk: false }),
  };
}

function hashViews(algorithm: "sha1" | "sha256", views: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(algorithm);
  for (const view of views) hash.update(view);
  return hash.digest();
}

/** SHA-256 of each block of the first `lengthBytes`; the last block may be short. */
function leavesOf(views: readonly Uint8Array[], lengthBytes: number): Uint8Array {
  const leaves = new Uint8Array(Math.ceil(lengthBytes / BLOCK_BYTES) * HASH_BYTES);
  let block: Uint8Array[] = [];
  let blockBytes = 0;
  let doneBytes = 0;
  for (const view of views) {
    for (let at = 0; at < view.length && doneBytes < lengthBytes;) {
      const part = view.subarray(
        at,
        at + Math.min(BLOCK_BYTES - blockBytes, lengthBytes - doneBytes),
      );
      block.push(part);
      blockBytes += part.length;
      doneBytes += part.length;
      at += part.length;
      if (blockBytes < BLOCK_BYTES && doneBytes < lengthBytes) continue;
      const index = Math.ceil(doneBytes / BLOCK_BYTES) - 1;
      leaves.set(hashViews("sha256", block), index * HASH_BYTES);
      block = [];
      blockBytes = 0;
    }
  }
  return leaves;
}

/** The root over `leafCount` leaves, a power of two; missing ones are 32 zero bytes. */
function merkleRoot(leaves: Uint8Array, leafCount: number): Uint8Array {
  let layer: Uint8Array[] = [];
  for (let at = 0; at < leaves.length; at += HASH_BYTES) {
    layer.push(leaves.subarray(at, at + HASH_BYTES));
  }
  /** What stands for a missing node of this layer: the root over nothing but missing leaves. */
  let missing = new Uint8Array(HASH_BYTES);
  for (let width = leafCount; width > 1; width /= 2) {
    const parents: Uint8Array[] = [];
    for (let index = 0; index < layer.length; index += 2) {
      parents.push(hashViews("sha256", [layer[index] ?? missing, layer[index + 1] ?? missing]));
    }
    missing = new Uint8Array(hashViews("sha256", [missing, missing]));
    layer = parents;
  }
  return layer[0] ?? missing;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
