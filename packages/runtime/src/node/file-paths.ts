import { lstatSync, mkdirSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { DiskError } from "../errors.ts";
import { toDiskError } from "./disk-errors.ts";

/**
 * The real places of a storage's paths. A link on the way is followed only when it stays inside
 * the root: a torrent must not be able to write through a link that leads elsewhere.
 */
export interface FilePaths {
  /**
   * The place of a path, its last component not followed.
   * @param create Whether to make missing folders.
   * @throws {DiskError} `escapes-root`, `missing`, `not-a-file`, `denied` or `too-long`.
   */
  place(path: readonly string[], create: boolean): string;
  /** Where a link at `place` leads. @throws {DiskError} `escapes-root` when that is outside. */
  follow(place: string): string;
  /** Folders made since the last call: their entries are not yet durable. */
  takeCreated(): string[];
}

/** @param made Folders to begin with in what `takeCreated` answers. */
export function createFilePaths(root: string, made: readonly string[] = []): FilePaths {
  /** Real places of folders that were checked, by their path as the torrent writes it. */
  const checked = new Map<string, string>();
  let realRoot: string | null = null;
  let created = [...made];

  function findRoot(create: boolean): string {
    if (realRoot !== null) return realRoot;
    try {
      if (create && makeFolders(root)) created.push(dirname(root));
      realRoot = realpathSync(root);
      return realRoot;
    } catch (error) {
      throw toDiskError(error, root);
    }
  }

  function follow(place: string): string {
    const base = findRoot(false);
    let real: string;
    try {
      real = realpathSync(place);
    } catch (error) {
      // A link to nothing would create its target when written through.
      if ((error as NodeJS.ErrnoException).code === "ENOENT")
        throw escape(place, "a place that does not exist");
      throw toDiskError(error, place);
    }
    if (real !== base && !real.startsWith(base.endsWith(sep) ? base : base + sep))
      throw escape(place, real);
    return real;
  }

  function checkFolder(place: string, create: boolean): string {
    try {
      if (create && makeFolder(place)) created.push(dirname(place));
      const stat = lstatSync(place);
      if (stat.isDirectory()) return place;
      if (stat.isSymbolicLink()) return follow(place);
    } catch (error) {
      throw toDiskError(error, place);
    }
    throw toDiskError(Object.assign(new Error(), { code: "ENOTDIR" }), place);
  }

  return {
    place(path, create) {
      let folder = findRoot(create);
      let key = "";
      for (const part of path.slice(0, -1)) {
        key += `/${part}`;
        let real = checked.get(key);
        if (real === undefined) {
          real = checkFolder(join(folder, part), create);
          checked.set(key, real);
        }
        folder = real;
      }
      return join(folder, path.at(-1) ?? "");
    },
    follow,
    takeCreated() {
      const taken = created;
      created = [];
      return taken;
    },
  };
}

function makeFolder(place: string): boolean {
  try {
    mkdirSync(place);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Folder by folder: the recursive form never ends where a system refuses with ENOENT, as Linux below /proc. */
function makeFolders(place: string): boolean {
  try {
    return makeFolder(place);
  } catch (error) {
    const parent = dirname(place);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === place) throw error;
    makeFolders(parent);
    return makeFolder(place);
  }
}

function escape(place: string, target: string): DiskError {
  return new DiskError(
    "escapes-root",
    place,
    `${place} is a symbolic link to ${target}, outside the download folder. Remove the link, or choose the folder it leads to.`,
  );
}
