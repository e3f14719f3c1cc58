import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { PieceCheck, PieceVerdict } from "../ports/disk.ts";

/** BEP 52: the unit of its trees. */
const BLOCK_BYTES = 16 * 1024;

const HASH_BYTES = 32;

/** Takes a piece's bytes in order, in parts of any size, and judges them. */
export interface PieceHasher {
  update(bytes: Uint8Array): void;
  finish(): PieceVerdict;
}

/** `update` per part: OpenSSL reads shared memory in place, and parts of 16 KiB cost only 2% more. */
export function createPieceHasher(check: PieceCheck): PieceHasher {
  const sha1 = check.sha1 === undefined ? null : createHash("sha1");
  const needsLeaves = check.merkle !== undefined || check.wantLeaves === true;
  const leafHasher = needsLeaves
    ? createLeafHasher(check.merkle?.lengthBytes ?? check.lengthBytes)
    : null;
  return {
    update(bytes) {
      sha1?.update(bytes);
      leafHasher?.update(bytes);
    },
    finish() {
      const sha1Ok = sha1 === null ? undefined : sha1.digest().equals(check.sha1 as Uint8Array);
      const leaves = leafHasher?.finish();
      const merkleOk =
        check.merkle === undefined || leaves === undefined
          ? undefined
          : merkleRoot(leaves, check.merkle.leafCount).equals(check.merkle.root);
      return judge(check, sha1Ok, merkleOk, leaves);
    },
  };
}

/** The verdict on what could not be read. */
export function missingVerdict(check: PieceCheck): PieceVerdict {
  return {
    ok: false,
    ...(check.sha1 !== undefined && { sha1Ok: false }),
    ...(check.merkle !== undefined && { merkleOk: false }),
  };
}

/** The verdict that follows from what was found; undefined for a hash that was not asked for. */
export function judge(
  check: PieceCheck,
  sha1Ok: boolean | undefined,
  merkleOk: boolean | undefined,
  leaves: Uint8Array | undefined,
): PieceVerdict {
  const ok = sha1Ok !== false && merkleOk !== false && (sha1Ok ?? merkleOk) === true;
  const showLeaves = leaves !== undefined && (check.wantLeaves === true || merkleOk === false);
  return {
    ok,
    ...(sha1Ok !== undefined && { sha1Ok }),
    ...(merkleOk !== undefined && { merkleOk }),
    ...(showLeaves && { leaves }),
  };
}

/** SHA-256 of each block of the first `lengthBytes`; the last block may be short. */
function createLeafHasher(lengthBytes: number) {
  const leaves = new Uint8Array(Math.ceil(lengthBytes / BLOCK_BYTES) * HASH_BYTES);
  let hash: Hash | null = null;
  let doneBytes = 0;

  function closeBlock(): void {
    if (hash === null) return;
    leaves.set(hash.digest(), Math.floor((doneBytes - 1) / BLOCK_BYTES) * HASH_BYTES);
    hash = null;
  }

  return {
    update(bytes: Uint8Array): void {
      const useful = Math.min(bytes.length, lengthBytes - doneBytes);
      for (let at = 0; at < useful;) {
        const part = bytes.subarray(
          at,
          Math.min(useful, at + BLOCK_BYTES - (doneBytes % BLOCK_BYTES)),
        );
        hash ??= createHash("sha256");
        hash.update(part);
        at += part.length;
        doneBytes += part.length;
        if (doneBytes % BLOCK_BYTES === 0) closeBlock();
      }
    },
    finish(): Uint8Array {
      closeBlock();
      return leaves;
    },
  };
}

/** The root over `leafCount` leaves, a power of two; missing ones are 32 zero bytes. */
function merkleRoot(leaves: Uint8Array, leafCount: number): Buffer {
  let layer = Buffer.from(leaves);
  let padding: Buffer = Buffer.alloc(HASH_BYTES);
  for (let width = leafCount; width > 1; width /= 2) {
    const nodes = layer.length / HASH_BYTES;
    const parents = Buffer.alloc(Math.ceil(nodes / 2) * HASH_BYTES);
    for (let at = 0; at < nodes; at += 2) {
      const pair = createHash("sha256").update(
        layer.subarray(at * HASH_BYTES, (at + 2) * HASH_BYTES),
      );
      if (at + 1 === nodes) pair.update(padding);
      pair.digest().copy(parents, (at / 2) * HASH_BYTES);
    }
    padding = createHash("sha256").update(padding).update(padding).digest();
    layer = parents;
  }
  return layer.length === 0 ? padding : layer;
}
