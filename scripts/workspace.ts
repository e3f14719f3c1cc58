import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./pinned-node.mjs";

/** What a workspace's package.json says, as far as the scripts read it. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

export interface Workspace {
  /** Without the scope: `protocol`. */
  readonly shortName: string;
  /** From the repository's root, with slashes: `packages/protocol`. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** TypeScript files (`.ts`, and `.tsx` of the web) below `src`, from the repository's root, with slashes, sorted. */
  readonly sources: readonly string[];
}

export const SCOPE = "@shoal/";

/** All packages of the workspace, by folder name. */
export function listWorkspaces(): Workspace[] {
  return listFiles("packages/*/package.json").map((path) => {
    const folder = path.slice(0, -"/package.json".length);
    const manifest = readManifest(path);
    return {
      shortName: manifest.name.replace(SCOPE, ""),
      folder,
      manifest,
      sources: listFiles(`${folder}/src/**/*.{ts,tsx}`),
    };
  });
}

/** Reads a package.json; `path` is relative to the repository's root. */
export function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(root, path), "utf8")) as Manifest;
}

/** Paths that match, relative to `folder`, with slashes, sorted. */
export function listFiles(pattern: string, folder: string = root): string[] {
  return globSync(pattern, { cwd: folder })
    .map((path) => path.replaceAll("\\", "/"))
    .sort();
}

/**
 * Tests, fuzz targets, what they share, and generators of sources: they may touch the machine, and are
 * not published. `tsconfig.build.json` leaves out the same files.
 */
export function isDevelopmentFile(path: string): boolean {
  return /\.(test|fuzz)\.ts$|\/generate\.ts$|\/src\/(conformance|fuzz|simulation|testing)\//.test(
    path,
  );
}
