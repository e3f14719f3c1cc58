import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  renameSync,
  statfsSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DiskError } from "../errors.ts";
import { toDiskError } from "./disk-errors.ts";
import type { MovePlan, MoveStep } from "./disk-jobs.ts";
import { syncFolder } from "./disk-upkeep.ts";
import { copyingPlace } from "./file-removal.ts";
import { createFilePaths } from "./file-paths.ts";
import { pathOf, type FileTable, type KnownStorage } from "./file-table.ts";
import { writeFully } from "./file-transfer.ts";

/** Copied in one step, about 50 ms of a disk's time: reads and writes of others wait no longer. */
const STEP_BYTES = 16 * 1024 * 1024;
const BUFFER_BYTES = 1024 * 1024;

/** These systems, or these two folders, have no hard links in common: the file is copied. */
const NOT_LINKABLE: ReadonlySet<string> = new Set([
  "EXDEV",
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
  "EACCES",
]);

const NEW_FILE = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/**
 * What is to be moved.
 * @param isResumed What stands in the new places may be there from an interrupted move.
 * @throws {DiskError} `exists` when anything else stands there.
 */
export function planMove(storage: KnownStorage, to: string, isResumed: boolean): MovePlan {
  const target = createFilePaths(to);
  const fileIndices: number[] = [];
  let lengthBytes = 0;
  let allocatedBytes = 0;
  // The part file, behind the others, too.
  for (let index = 0; index <= storage.files.length; index++) {
    const path = pathOf(storage, index);
    const stat = path.length === 0 ? undefined : look(storage.paths, path);
    if (stat === undefined) continue;
    if (!isResumed && look(target, path) !== undefined) {
      const place = join(to, ...path);
      throw new DiskError(
        "exists",
        place,
        `${place} exists already. Move it away, or choose another folder.`,
      );
    }
    fileIndices.push(index);
    lengthBytes += stat.size;
    allocatedBytes += stat.blocks * 512;
  }
  if (!isResumed) assertRoom(storage.root, to, allocatedBytes);
  return { isSamePlace: isSameFolder(storage.root, to), fileIndices, lengthBytes };
}

/** @throws {DiskError} `full` when the files go to another file system, which has no room for them. */
function assertRoom(from: string, to: string, lengthBytes: number): void {
  let folder = to;
  while (statSync(folder, { throwIfNoEntry: false }) === undefined) folder = dirname(folder);
  if (statSync(folder).dev === statSync(from, { throwIfNoEntry: false })?.dev) return;
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= lengthBytes) return;
  throw new DiskError(
    "full",
    to,
    `${to} has ${bavail * bsize} bytes free, but ${lengthBytes} are to be moved there. Free some space, or choose another folder.`,
  );
}

/**
 * One step of bringing a file to its new place, where the old one stays: linked where the system can, else copied
 * under another name, which it loses when all of it is on the disk.
 * @returns how far it is; null when the file is there.
 * @throws {DiskError}
 */
export function moveFile(
  storage: KnownStorage,
  to: string,
  fileIndex: number,
  step: MoveStep,
): MoveStep | null {
  const path = pathOf(storage, fileIndex);
  const from = storage.paths.place(path, false);
  const place = createFilePaths(to).place(path, true);
  try {
    const stat = lstatSync(from, { throwIfNoEntry: false });
    if (stat === undefined) return null;
    if (step.position === 0 && placeAtOnce(from, place, stat.isSymbolicLink())) return null;
    return copyStep(from, place, step, copyingPlace(to, storage.partFile));
  } catch (error) {
    throw toDiskError(error, place);
  }
}

/** Copies again what was written since the file was copied. @throws {DiskError} */
export function patchMoved(
  storage: KnownStorage,
  table: FileTable,
  to: string,
  { offsetBytes, lengthBytes }: { offsetBytes: number; lengthBytes: number },
): void {
  const target = createFilePaths(to);
  for (const segment of storage.map.segments(offsetBytes, lengthBytes)) {
    if (segment.fileIndex < 0) continue;
    const path = pathOf(storage, segment.fileIndex);
    const source = table.descriptor(storage, segment.fileIndex, "read");
    const place = target.place(path, true);
    const { ino, dev } = fstatSync(source);
    const stat = lstatSync(place, { throwIfNoEntry: false });
    // Not copied yet, or the same file.
    if (stat === undefined || (stat.ino === ino && stat.dev === dev)) continue;
    const descriptor = openSync(place, NEW_FILE & ~constants.O_CREAT);
    try {
      copyRange(
        source,
        descriptor,
        segment.position,
        segment.position + segment.lengthBytes,
        place,
      );
      fsyncSync(descriptor);
    } catch (error) {
      throw toDiskError(error, place);
    } finally {
      closeSync(descriptor);
    }
  }
}

/** Makes the names in the new folders durable. @throws {DiskError} */
export function syncMoved(storage: KnownStorage, to: string): void {
  const folders = new Set([dirname(to), to]);
  for (let index = 0; index <= storage.files.length; index++) {
    const path = pathOf(storage, index);
    for (let depth = 1; depth < path.length; depth++)
      folders.add(join(to, ...path.slice(0, depth)));
  }
  for (const folder of folders) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) syncFolder(folder);
  }
}

/** @returns whether nothing is left to do for the file. */
function placeAtOnce(from: string, place: string, isLink: boolean): boolean {
  const there = lstatSync(place, { throwIfNoEntry: false });
  if (there !== undefined) {
    const source = lstatSync(from);
    const isSame = there.ino === source.ino && there.dev === source.dev;
    // Times are copied in milliseconds.
    const isCopy = there.size === source.size && there.mtime.getTime() === source.mtime.getTime();
    if (isSame || (isCopy && there.isFile())) return true;
    // Left by a move that was interrupted: what lies in the old place is newer.
    unlinkSync(place);
  }
  if (isLink) {
    symlinkSync(readlinkSync(from), place);
    return true;
  }
  try {
    linkSync(from, place);
    return true;
  } catch (error) {
    if (!NOT_LINKABLE.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return false;
  }
}

function copyStep(from: string, place: string, step: MoveStep, copying: string): MoveStep | null {
  const { position } = step;
  const source = openSync(from, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  const target = openSync(copying, position === 0 ? NEW_FILE | constants.O_TRUNC : NEW_FILE, 0o666);
  try {
    const stat = fstatSync(source);
    const end = Math.min(position + STEP_BYTES, stat.size);
    copyRange(source, target, position, end, place);
    const modifiedMs = position === 0 ? stat.mtimeMs : step.modifiedMs;
    if (end < stat.size) return { position: end, modifiedMs };
    fchmodSync(target, stat.mode & 0o777);
    fsyncSync(target);
    // Of the same time, it is known again as a whole copy: unless the file was written meanwhile.
    const isWhole = modifiedMs === fstatSync(source).mtimeMs;
    futimesSync(target, stat.atime, isWhole ? stat.mtime : new Date(0));
  } finally {
    closeSync(source);
    closeSync(target);
  }
  renameSync(copying, place);
  return null;
}

function copyRange(source: number, target: number, from: number, end: number, place: string): void {
  const buffer = new Uint8Array(Math.max(1, Math.min(BUFFER_BYTES, end - from)));
  for (let at = from; at < end;) {
    const lengthBytes = readSync(source, buffer, 0, Math.min(buffer.length, end - at), at);
    if (lengthBytes === 0) return;
    writeFully(target, [buffer.subarray(0, lengthBytes)], at, place);
    at += lengthBytes;
  }
}

function look(paths: KnownStorage["paths"], path: readonly string[]) {
  try {
    return lstatSync(paths.place(path, false), { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof DiskError && error.code === "missing") return undefined;
    throw error;
  }
}

function isSameFolder(a: string, b: string): boolean {
  const [first, second] = [a, b].map((folder) => statSync(folder, { throwIfNoEntry: false }));
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}
