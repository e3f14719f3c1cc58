import { hash } from "node:crypto";
import { concatBytes } from "../bytes/concat-bytes.ts";

/** Length of a SHA-256, which every node of a BEP 52 tree is. */
export const HASH_LENGTH_BYTES = 32;

/** SHA-256 of a block: a leaf of the tree. 32 bytes. */
export function hashBlock(block: Uint8Array): Uint8Array {
  return new Uint8Array(hash("sha256", block, "buffer"));
}

/** SHA-256 of two neighbouring nodes, given as their 64 bytes: their parent. */
export function hashPair(pair: Uint8Array): Uint8Array {
  return new Uint8Array(hash("sha256", pair, "buffer"));
}

const padHashes: Uint8Array[] = [new Uint8Array(HASH_LENGTH_BYTES)];

/**
 * Root of a subtree of `2 ** height` leaves that all lie past the end of the file: 32 zero bytes at
 * height 0, and each further height the hash of two of the one below. Do not change the result.
 * @param height 0 to 52.
 * @see BEP 52: leaves beyond the end of the file are zero
 */
export function padHash(height: number): Uint8Array {
  if (!Number.isInteger(height) || height < 0 || height > 52) {
    throw new RangeError(`Expected a height from 0 to 52, got ${height}`);
  }
  for (let known = padHashes.length; known <= height; known += 1) {
    const below = padHashes[known - 1]!;
    padHashes.push(hashPair(concatBytes([below, below])));
  }
  return padHashes[height]!;
}
