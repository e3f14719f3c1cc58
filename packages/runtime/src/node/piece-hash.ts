import { createHash } from "node:crypto";
import type { Hasher } from "../hash-kernel/hasher.ts";
import { ON_DISK } from "../ports/disk.ts";
import type { Parts, PieceCheck, PieceVerdict } from "../ports/disk.ts";
import { WINDOW_BYTES } from "./piece-workspace.ts";

/** A piece and where its bytes lie, all of them in memory. */
export interface PieceInMemory {
  readonly check: PieceCheck;
  readonly parts: Parts;
}

/** Brings a stretch of a piece into memory. Its memory is reused by the next call. */
export type BringIn = (offsetBytes: number, parts: Parts) => Parts;

/** Judges several pieces side by side: the hasher's lanes are faster than one after the other. */
export function hashTogether(hasher: Hasher, pieces: readonly PieceInMemory[]): PieceVerdict[] {
  const digests = hasher.sha1(pieces.map(({ check, parts }) => (needsSha1(check) ? parts : [])));
  const leaves = hasher.leaves(
    pieces.map(({ check, parts }) => ({ parts, lengthBytes: contentLength(check) })),
  );
  return pieces.map(({ check }, index) => judge(hasher, check, digests[index], leaves[index]));
}

/** Judges one piece of any size in windows, each brought in when the last is hashed. */
export function hashInWindows(
  hasher: Hasher,
  { check, parts }: PieceInMemory,
  memory: Uint8Array,
  bringIn: BringIn,
): PieceVerdict {
  const sha1 = needsSha1(check) ? createHash("sha1") : null;
  const leaves: Uint8Array[] = [];
  let doneBytes = 0;
  for (const window of cutParts(parts, WINDOW_BYTES)) {
    const inMemory = bringIn(check.offsetBytes + doneBytes, window);
    for (let at = 0; at < inMemory.length; at += 2) {
      const [place, lengthBytes] = [inMemory[at] as number, inMemory[at + 1] as number];
      sha1?.update(memory.subarray(place, place + lengthBytes));
    }
    const windowBytes = partsLength(window);
    const lengthBytes = Math.min(windowBytes, Math.max(0, contentLength(check) - doneBytes));
    leaves.push(...hasher.leaves([{ parts: inMemory, lengthBytes }]));
    doneBytes += windowBytes;
  }
  return judge(hasher, check, sha1?.digest(), Buffer.concat(leaves));
}

/** The verdict on what could not be read. */
export function missingVerdict(check: PieceCheck): PieceVerdict {
  return {
    ok: false,
    ...(check.sha1 !== undefined && { sha1Ok: false }),
    ...(check.merkle !== undefined && { merkleOk: false }),
  };
}

export function partsLength(parts: Parts): number {
  let lengthBytes = 0;
  for (let at = 1; at < parts.length; at += 2) lengthBytes += parts[at] as number;
  return lengthBytes;
}

export function lengthOnDisk(parts: Parts): number {
  let lengthBytes = 0;
  for (let at = 0; at < parts.length; at += 2) {
    if (parts[at] === ON_DISK) lengthBytes += parts[at + 1] as number;
  }
  return lengthBytes;
}

/** Cuts parts into runs of `runBytes`; the last may be shorter. */
export function cutParts(parts: Parts, runBytes: number): Parts[] {
  const runs: number[][] = [];
  let run: number[] = [];
  let roomBytes = runBytes;
  for (let at = 0; at < parts.length; at += 2) {
    let [place, left] = [parts[at] as number, parts[at + 1] as number];
    while (left > 0) {
      if (roomBytes === runBytes) runs.push((run = []));
      const lengthBytes = Math.min(left, roomBytes);
      run.push(place, lengthBytes);
      if (place !== ON_DISK) place += lengthBytes;
      left -= lengthBytes;
      roomBytes = roomBytes === lengthBytes ? runBytes : roomBytes - lengthBytes;
    }
  }
  return runs;
}

function needsSha1({ sha1, wantSha1 }: PieceCheck): boolean {
  return sha1 !== undefined || wantSha1 === true;
}

/** The bytes that leaves cover; none when no leaves are needed. */
function contentLength(check: PieceCheck): number {
  const { merkle, wantLeaves, leavesLengthBytes, lengthBytes } = check;
  return merkle?.lengthBytes ?? (wantLeaves === true ? (leavesLengthBytes ?? lengthBytes) : 0);
}

function judge(
  hasher: Hasher,
  check: PieceCheck,
  digest: Uint8Array | undefined,
  leaves: Uint8Array | undefined,
): PieceVerdict {
  const { sha1, merkle } = check;
  const sha1Ok = sha1 && digest && Buffer.from(sha1).equals(digest);
  const merkleOk =
    merkle &&
    leaves &&
    Buffer.from(merkle.root).equals(hasher.merkleRoot(leaves, merkle.leafCount));
  const ok = sha1Ok !== false && merkleOk !== false && (sha1Ok ?? merkleOk) === true;
  const showLeaves = leaves !== undefined && (check.wantLeaves === true || merkleOk === false);
  return {
    ok,
    ...(sha1Ok !== undefined && { sha1Ok }),
    ...(merkleOk !== undefined && { merkleOk }),
    ...(check.wantSha1 === true && digest && { sha1: digest }),
    ...(showLeaves && { leaves }),
  };
}
