import { MetainfoError } from "../errors.ts";
import { type FileNameRules, numberedName, safeName } from "./safe-name.ts";

/** Components of a path; libtorrent's bound on the depth of folders. */
const MAX_DEPTH = 100;
/** Files whose names collide with another's; libtorrent's bound. */
const MAX_DUPLICATES = 500;

/**
 * The components of a path made safe. Empty ones, `.` and `..` are dropped, so that no path leaves its
 * folder; a path of nothing else becomes `_`.
 * @throws {MetainfoError} `too-large` when the path is deeper than 100.
 */
export function safePath(rawPath: readonly string[], rules: FileNameRules): string[] {
  if (rawPath.length > MAX_DEPTH) {
    throw new MetainfoError(
      "too-large",
      "path",
      `A file lies ${rawPath.length} folders deep; at most ${MAX_DEPTH} are accepted`,
    );
  }
  const path: string[] = [];
  for (const raw of rawPath) {
    const name = safeName(raw, rules);
    if (name !== null) path.push(name);
  }
  return path.length > 0 ? path : ["_"];
}

/**
 * Safe paths for all files of a torrent, in their order. A file whose path another file or a folder
 * already has, letter case aside, gets a number before its extension.
 * @throws {MetainfoError} `too-large` when a path is too deep, or after 500 such collisions.
 */
export function safePaths(
  rawPaths: readonly (readonly string[])[],
  rules: FileNameRules,
): string[][] {
  const paths = rawPaths.map((rawPath) => safePath(rawPath, rules));
  // Folders keep their names: a file yields to a folder wherever in the list that appears. So no file
  // ever lies below another file, in particular below a symbolic link.
  const taken = new Set<string>();
  for (const path of paths) addFolders(path, taken);
  const nextNumbers = new Map<string, number>();
  let duplicates = 0;
  for (const path of paths) {
    const key = collisionKey(path);
    if (taken.has(key)) {
      duplicates += 1;
      if (duplicates > MAX_DUPLICATES) {
        throw new MetainfoError(
          "too-large",
          "files",
          `More than ${MAX_DUPLICATES} files have the name of another file or folder`,
        );
      }
      rename(path, key, taken, nextNumbers);
    } else {
      taken.add(key);
    }
  }
  return paths;
}

/**
 * The first of `others` that a path could not stand beside: the same for some file system, or a file where it
 * needs a folder, or the other way round.
 */
export function findCollision(
  path: readonly string[],
  others: Iterable<readonly string[]>,
): readonly string[] | undefined {
  const key = collisionKey(path);
  for (const other of others) {
    const otherKey = collisionKey(other);
    const isWithin = key.startsWith(`${otherKey}/`) || otherKey.startsWith(`${key}/`);
    if (key === otherKey || isWithin) return other;
  }
  return undefined;
}

/** Gives the path's last component the first number that is free. */
function rename(
  path: string[],
  key: string,
  taken: Set<string>,
  nextNumbers: Map<string, number>,
): void {
  const name = path.at(-1)!;
  // Numbers already tried for this path are not tried again, lest hostile lists take quadratic time.
  let number = nextNumbers.get(key) ?? 1;
  let newKey: string;
  do {
    path[path.length - 1] = numberedName(name, number);
    newKey = collisionKey(path);
    number += 1;
  } while (taken.has(newKey));
  nextNumbers.set(key, number);
  taken.add(newKey);
}

function addFolders(path: readonly string[], taken: Set<string>): void {
  for (let depth = 1; depth < path.length; depth += 1) {
    taken.add(collisionKey(path.slice(0, depth)));
  }
}

/** Equal for paths that some file system takes for the same one. */
function collisionKey(path: readonly string[]): string {
  return path.join("/").normalize("NFC").toUpperCase();
}
