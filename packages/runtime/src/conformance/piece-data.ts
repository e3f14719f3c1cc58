import { createHash } from "node:crypto";
import type { PieceCheck } from "../ports/disk.ts";

const BLOCK_BYTES = 16 * 1024;

export function sha1(bytes: Uint8Array): Uint8Array {
  return createHash("sha1").update(bytes).digest();
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** BEP 52, by the letter: the leaves, and the root over `leafCount` of them. */
export function merkleTree(
  bytes: Uint8Array,
  leafCount: number,
): { leaves: Uint8Array; root: Uint8Array } {
  let layer: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES)
    layer.push(sha256(bytes.subarray(at, at + BLOCK_BYTES)));
  const leaves = Buffer.concat(layer);
  while (layer.length < leafCount) layer.push(new Uint8Array(32));
  while (layer.length > 1) {
    const parents: Uint8Array[] = [];
    for (let at = 0; at < layer.length; at += 2) {
      parents.push(sha256(layer[at] as Uint8Array, layer[at + 1] as Uint8Array));
    }
    layer = parents;
  }
  return { leaves, root: layer[0] as Uint8Array };
}

/** The check that `bytes` at `offsetBytes` pass. */
export function checkOf(bytes: Uint8Array, offsetBytes: number): PieceCheck & { sha1: Uint8Array } {
  return { offsetBytes, lengthBytes: bytes.length, sha1: sha1(bytes) };
}
