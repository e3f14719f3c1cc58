import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Where npm put a package that somebody installed to compare with: in NODE_PATH, which imports do
 * not look at. Null when it is not there.
 * @param subpath Which of the package's exports.
 */
export function findModule(name: string, subpath = "."): string | null {
  for (const folder of (process.env["NODE_PATH"] ?? "").split(":")) {
    if (folder === "") continue;
    try {
      const manifest = join(folder, name, "package.json");
      const { main, exports } = JSON.parse(readFileSync(manifest, "utf8")) as Manifest;
      return join(folder, name, entryOf(exports?.[subpath] ?? exports) ?? main ?? "index.js");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return null;
}

/** A file, by the condition that holds where there are several. */
type Target = string | { readonly [condition: string]: Target };

interface Manifest {
  readonly main?: string;
  readonly exports?: { readonly [subpath: string]: Target };
}

function entryOf(target: Target | undefined): string | undefined {
  return typeof target === "object" ? entryOf(target["import"] ?? target["default"]) : target;
}
