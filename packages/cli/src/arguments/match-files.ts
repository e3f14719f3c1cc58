import { posix } from "node:path";

/**
 * Tells whether a file of a torrent is chosen by any of the patterns: globs over the path within the torrent,
 * with or without the root folder. A pattern without a slash also matches the bare file name.
 */
export function matchFile(path: readonly string[], patterns: readonly string[]): boolean {
  const names = [path.join("/"), path.slice(1).join("/"), path.at(-1) ?? ""];
  return patterns.some((pattern) =>
    names.some((name) => name === pattern || posix.matchesGlob(name, pattern)),
  );
}
