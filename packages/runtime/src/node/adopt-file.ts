import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
} from "node:fs";
import { toDiskError } from "./disk-errors.ts";
import type { AdoptStep, DiskJob } from "./disk-jobs.ts";
import type { FileTable, KnownStorage } from "./file-table.ts";
import { writeFully } from "./file-transfer.ts";

/** Copied in one step, about 50 ms of a disk's time: writes of other torrents wait no longer. */
const STEP_BYTES = 16 * 1024 * 1024;
const BUFFER_BYTES = 1024 * 1024;

/** Shared blocks where the file system has them; the flag makes it fail elsewhere, so that the copy goes in steps. */
const CLONE = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE;

const SOURCE_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** One step of `Storage.adopt`. @throws {DiskError} when the copy cannot be written or its source not be read. */
export function adoptFile(
  storage: KnownStorage,
  table: FileTable,
  { fileIndex, from, position }: Extract<DiskJob, { kind: "adopt" }>,
): AdoptStep {
  const file = storage.files[fileIndex]!;
  const source = openSource(from, file.lengthBytes);
  if (source === null) return null;
  try {
    const place = storage.paths.place(file.path, true);
    if (position === 0) {
      if (lstatSync(place, { throwIfNoEntry: false }) !== undefined) return null;
      storage.unsynced.add(fileIndex);
      if (clone(from, place)) return "cloned";
    }
    const end = Math.min(position + STEP_BYTES, file.lengthBytes);
    copyRange(source, table.descriptor(storage, fileIndex, "write"), position, end, place);
    return end === file.lengthBytes ? "copied" : end;
  } catch (error) {
    throw toDiskError(error, from);
  } finally {
    closeSync(source);
  }
}

/** Null when it is no plain file of this length. */
function openSource(from: string, lengthBytes: number): number | null {
  let descriptor: number;
  try {
    descriptor = openSync(from, SOURCE_FLAGS);
  } catch {
    return null;
  }
  const stat = fstatSync(descriptor);
  if (stat.isFile() && stat.size === lengthBytes) return descriptor;
  closeSync(descriptor);
  return null;
}

function clone(from: string, place: string): boolean {
  try {
    copyFileSync(from, place, CLONE);
    return true;
  } catch {
    return false;
  }
}

function copyRange(source: number, target: number, from: number, end: number, place: string): void {
  const buffer = new Uint8Array(Math.min(BUFFER_BYTES, end - from));
  for (let at = from; at < end;) {
    const lengthBytes = readSync(source, buffer, 0, Math.min(buffer.length, end - at), at);
    // The source has shrunk meanwhile. What is missing counts as never copied.
    if (lengthBytes === 0) return;
    writeFully(target, [buffer.subarray(0, lengthBytes)], at, place);
    at += lengthBytes;
  }
}
