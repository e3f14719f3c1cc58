import { lstatSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { PartFile } from "../ports/disk.ts";
import { toDiskError } from "./disk-errors.ts";
import type { KnownStorage } from "./file-table.ts";

/**
 * Removes a storage's files below `root`, and then the folders that are empty. Links are never followed: what lies
 * behind one is not the torrent's, and a link in a file's place is left where it is.
 * @throws {DiskError}
 */
export function removeFiles(
  { files, partFile }: KnownStorage,
  root: string,
  what: "everything" | "part-file",
): void {
  const folders = new Set<string>();
  const remove = (path: readonly string[], isLink: boolean) => {
    const place = findPlace(root, path);
    if (place === null) return;
    removeFile(place, isLink);
    for (let depth = path.length - 1; depth > 0; depth--) {
      folders.add(join(root, ...path.slice(0, depth)));
    }
  };
  const removed = what === "everything" ? files : [];
  for (const { path, symlinkTarget } of removed) remove(path, symlinkTarget !== undefined);
  if (partFile !== undefined) remove(partFile.path, false);
  removeFile(copyingPlace(root, partFile), false);
  removeEmptyFolders(folders);
}

/** Of these folders, removes those that are empty, the innermost first. */
export function removeEmptyFolders(folders: Iterable<string>): void {
  for (const folder of [...folders].toSorted((a, b) => b.length - a.length)) {
    try {
      rmdirSync(folder);
    } catch {
      // It holds something, or is gone, or is nothing that can be removed: it stays.
    }
  }
}

/** Where the copy of a file grows while files are moved to `root`: no torrent can hold its own infohash in a name. */
export function copyingPlace(root: string, partFile: PartFile | undefined): string {
  return join(root, `${partFile?.path.join("-") ?? ".shoal"}.moving`);
}

/** Null where a folder on the way is a link, or there is no such folder. */
function findPlace(root: string, path: readonly string[]): string | null {
  let place = root;
  for (const part of path.slice(0, -1)) {
    place = join(place, part);
    if (lstatSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  }
  return join(place, path.at(-1) ?? "");
}

function removeFile(place: string, isLink: boolean): void {
  try {
    const stat = lstatSync(place, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (isLink ? stat.isSymbolicLink() : stat.isFile()) unlinkSync(place);
  } catch (error) {
    throw toDiskError(error, place);
  }
}
