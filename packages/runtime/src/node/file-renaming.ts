import { lstatSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { DiskError } from "../errors.ts";
import { toDiskError } from "./disk-errors.ts";
import type { DiskJob } from "./disk-jobs.ts";
import { syncFolder } from "./disk-upkeep.ts";
import { removeEmptyFolders } from "./file-removal.ts";
import type { KnownStorage } from "./file-table.ts";

/**
 * Gives files of a storage other paths, durably. One that does not exist yet only gets its path.
 * @throws {DiskError} `exists` when something else stands in a new place, and nothing was renamed.
 */
export function renameFiles(
  storage: KnownStorage,
  { paths, isResumed }: Extract<DiskJob, { kind: "rename" }>,
): void {
  const changed = new Set<string>();
  const left = new Set<string>();
  const moves = paths.flatMap(([fileIndex, path]) => {
    const old = storage.files[fileIndex]!.path;
    const isThere = exists(storage, old);
    if ((isThere || !isResumed) && exists(storage, path)) assertSame(storage, old, path);
    return isThere ? [{ old, path }] : [];
  });
  for (const { old, path } of moves) {
    const from = storage.paths.place(old, false);
    const to = storage.paths.place(path, true);
    try {
      renameSync(from, to);
    } catch (error) {
      throw toDiskError(error, to);
    }
    for (const place of [from, to]) changed.add(dirname(place));
    for (let depth = old.length - 1; depth > 0; depth--) {
      left.add(join(storage.root, ...old.slice(0, depth)));
    }
  }
  for (const folder of [...storage.paths.takeCreated(), ...changed]) syncFolder(folder);
  removeEmptyFolders(left);
}

/** Where the file system takes both names for one, only letter case changes. @throws {DiskError} `exists`. */
function assertSame(storage: KnownStorage, old: readonly string[], path: readonly string[]): void {
  const [from, to] = [old, path].map((at) => storage.paths.place(at, false)) as [string, string];
  const source = lstatSync(from, { throwIfNoEntry: false });
  const target = lstatSync(to);
  if (source?.ino === target.ino && source.dev === target.dev) return;
  throw new DiskError("exists", to, `${to} exists already. Choose another name, or move it away.`);
}

function exists(storage: KnownStorage, path: readonly string[]): boolean {
  try {
    return lstatSync(storage.paths.place(path, false), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (error instanceof DiskError && error.code === "missing") return false;
    throw error;
  }
}
