import {
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { dirname, relative } from "node:path";
import { DiskError } from "../errors.ts";
import type { FileState, StorageFile } from "../ports/disk.ts";
import { toDiskError } from "./disk-errors.ts";
import { createFilePaths } from "./file-paths.ts";
import { pathOf } from "./file-table.ts";
import type { FileTable, KnownStorage } from "./file-table.ts";

/** Looks at everything of a storage that exists. @throws {DiskError} `escapes-root`. */
export function inspectStorage(storage: KnownStorage): void {
  for (const file of storage.files) {
    ignoreMissing(storage, file, () => {
      const place = storage.paths.place(file.path, false);
      if (file.symlinkTarget === undefined && lstatSync(place).isSymbolicLink())
        storage.paths.follow(place);
    });
  }
}

const NOTHING: FileState = { lengthBytes: null, modifiedMs: null };

/** Length and time of each file of the layout. */
export function statStorage(known: KnownStorage, root = known.root): FileState[] {
  const storage = root === known.root ? known : { ...known, root, paths: createFilePaths(root) };
  const { partFile } = storage;
  const parts = partFile === undefined ? NOTHING : statFile(storage, partFile);
  return storage.files.map((file, index) =>
    storage.parked.has(index) ? { ...parts, isParked: true } : statFile(storage, file),
  );
}

function statFile(storage: KnownStorage, file: { readonly path: readonly string[] }): FileState {
  let state = NOTHING;
  ignoreMissing(storage, file, () => {
    const stat = lstatSync(storage.paths.place(file.path, false));
    state = { lengthBytes: stat.isFile() ? stat.size : 0, modifiedMs: stat.mtimeMs };
  });
  return state;
}

/** Creates what no write has created, then links, then attributes. */
export function finishStorage(storage: KnownStorage, table: FileTable): void {
  const files = [...storage.files.entries()].filter(([index]) => !storage.parked.has(index));
  for (const [fileIndex, file] of files) {
    if (file.symlinkTarget === undefined && file.lengthBytes === 0) {
      table.descriptor(storage, fileIndex, "write");
      storage.unsynced.add(fileIndex);
    }
  }
  for (const [, file] of files) {
    if (file.symlinkTarget !== undefined) createLink(storage, file, file.symlinkTarget);
  }
  for (const [, file] of files) {
    if (file.executable === true && file.symlinkTarget === undefined) makeExecutable(storage, file);
  }
}

/** Writes back files, and the folders whose entries are new. */
export function syncStorage(storage: KnownStorage, table: FileTable): void {
  const folders = new Set(storage.paths.takeCreated());
  for (const fileIndex of storage.unsynced) {
    const path = pathOf(storage, fileIndex);
    try {
      fsyncSync(table.descriptor(storage, fileIndex, "read"));
      folders.add(dirname(storage.paths.place(path, false)));
    } catch (error) {
      throw toDiskError(error, [storage.root, ...path].join("/"));
    }
  }
  for (const folder of folders) syncFolder(folder);
  storage.unsynced.clear();
}

/** Makes the entries of a folder durable. */
export function syncFolder(folder: string): void {
  // Windows neither opens folders nor needs this.
  if (process.platform === "win32") return;
  try {
    const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw toDiskError(error, folder);
  }
}

function createLink(storage: KnownStorage, file: StorageFile, target: readonly string[]): void {
  const place = storage.paths.place(file.path, true);
  const text = relative(dirname(place), storage.paths.place(target, true));
  try {
    const stat = lstatSync(place, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink() === true) {
      if (readlinkSync(place) === text) return;
      unlinkSync(place);
    } else if (stat !== undefined) {
      throw new DiskError(
        "not-a-file",
        place,
        `${place} should be a link, but something else stands there. Move it away.`,
      );
    }
    symlinkSync(text === "" ? "." : text, place);
  } catch (error) {
    throw toDiskError(error, place);
  }
}

function makeExecutable(storage: KnownStorage, file: StorageFile): void {
  const place = storage.paths.place(file.path, false);
  try {
    const stat = lstatSync(place);
    if (!stat.isFile()) return;
    // Whoever may read it may run it.
    chmodSync(place, (stat.mode & 0o777) | ((stat.mode & 0o444) >> 2));
  } catch (error) {
    throw toDiskError(error, place);
  }
}

function ignoreMissing(
  storage: KnownStorage,
  file: { readonly path: readonly string[] },
  look: () => void,
): void {
  try {
    look();
  } catch (cause) {
    const error = toDiskError(cause, [storage.root, ...file.path].join("/"));
    if (error.code !== "missing") throw error;
  }
}
