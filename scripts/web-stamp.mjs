// Says whether the web interface is built from the sources as they are. Plain JavaScript: set-up asks, too, on an older Node.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./pinned-node.mjs";

const web = join(root, "packages", "web");
const stampFile = join(web, "dist", ".stamp");

/** What the bundle is made from, beside the dependencies, which the lock file names. */
const FOLDERS = [join(web, "src"), join(root, "packages", "api", "src")];
const FILES = [
  join(web, "index.html"),
  join(root, "package-lock.json"),
  join(root, "scripts", "build-web.ts"),
];

export function isWebBuilt() {
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp();
}

export function noteWebBuilt() {
  writeFileSync(stampFile, stamp());
}

function stamp() {
  const hash = createHash("sha256");
  for (const path of [...FILES, ...FOLDERS.flatMap(filesBelow)])
    hash.update(path.slice(root.length)).update(readFileSync(path));
  return hash.digest("hex");
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.endsWith(".test.ts"))
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
    )
    .sort();
}
