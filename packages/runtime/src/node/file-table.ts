import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { DiskError } from "../errors.ts";
import type { PartFile, StorageFile, StorageLayout } from "../ports/disk.ts";
import { toDiskError } from "./disk-errors.ts";
import { createFilePaths } from "./file-paths.ts";
import type { FilePaths } from "./file-paths.ts";
import { createStorageMap } from "./storage-map.ts";
import type { StorageMap } from "./storage-map.ts";

/** One storage as a worker knows it. */
export interface KnownStorage {
  readonly id: number;
  readonly root: string;
  readonly files: readonly StorageFile[];
  readonly partFile: PartFile | undefined;
  /** Of the part file. */
  readonly parked: ReadonlySet<number>;
  readonly map: StorageMap;
  readonly paths: FilePaths;
  /** Files written since the last sync. */
  readonly unsynced: Set<number>;
}

/** The storages of a worker and its open files: a bounded number, the least recently used are closed. */
export interface FileTable {
  /** Makes a storage known; a known one's files are closed first. */
  register(id: number, layout: StorageLayout): void;
  /** @throws {DiskError} `closed`. */
  find(id: number): KnownStorage;
  /**
   * An open descriptor. Writing creates the file and its folders.
   * @throws {DiskError}
   */
  descriptor(storage: KnownStorage, fileIndex: number, access: "read" | "write"): number;
  forget(id: number): void;
}

interface OpenFile {
  readonly descriptor: number;
  readonly access: "read" | "write";
}

/** Not followed, not waited for: a link or a pipe in a file's place is refused. Windows has neither flag. */
const GUARD_FLAGS = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** More than any torrent has files: keys of different storages never meet. */
const KEY_STRIDE = 2 ** 32;

export function createFileTable(limit: number): FileTable {
  const storages = new Map<number, KnownStorage>();
  /** In the order of their last use, oldest first. */
  const open = new Map<number, OpenFile>();

  function close(key: number): void {
    const file = open.get(key);
    if (file === undefined) return;
    open.delete(key);
    closeSync(file.descriptor);
  }

  return {
    register(id, { root, files, partFile }) {
      const known = storages.get(id);
      if (known !== undefined) forget(id);
      const map = createStorageMap(files, partFile);
      const parked = new Set(partFile?.parked);
      // Anew, since folders may be gone: but those that were made are still to be synced.
      const paths = createFilePaths(root, known?.paths.takeCreated());
      const unsynced = known?.unsynced ?? new Set();
      storages.set(id, { id, root, files, partFile, parked, map, paths, unsynced });
    },
    find(id) {
      const storage = storages.get(id);
      if (storage === undefined)
        throw new DiskError("closed", "", "This storage is closed. Open it again.");
      return storage;
    },
    descriptor(storage, fileIndex, access) {
      const key = storage.id * KEY_STRIDE + fileIndex;
      const found = open.get(key);
      if (found !== undefined && (access === "read" || found.access === "write")) {
        open.delete(key);
        open.set(key, found);
        return found.descriptor;
      }
      close(key);
      if (open.size >= limit) close(open.keys().next().value as number);
      const path = pathOf(storage, fileIndex);
      const place = storage.paths.place(path, access === "write");
      const descriptor = openGuarded(storage.paths, place, access);
      open.set(key, { descriptor, access });
      return descriptor;
    },
    forget,
  };

  function forget(id: number): void {
    storages.delete(id);
    for (const key of open.keys()) {
      if (Math.floor(key / KEY_STRIDE) === id) close(key);
    }
  }
}

/** Below the root; the index behind the last file is the part file's. */
export function pathOf({ files, partFile }: KnownStorage, fileIndex: number): readonly string[] {
  return (fileIndex === files.length ? partFile : files[fileIndex])?.path ?? [];
}

function openGuarded(paths: FilePaths, place: string, access: "read" | "write"): number {
  const flags = access === "write" ? constants.O_RDWR | constants.O_CREAT : constants.O_RDONLY;
  let descriptor: number;
  try {
    descriptor = openSync(place, flags | GUARD_FLAGS, 0o666);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ELOOP" && code !== "EMLINK") throw toDiskError(error, place);
    const target = paths.follow(place);
    try {
      descriptor = openSync(target, flags | GUARD_FLAGS, 0o666);
    } catch (cause) {
      throw toDiskError(cause, target);
    }
  }
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw toDiskError(Object.assign(new Error(), { code: "EISDIR" }), place);
}
