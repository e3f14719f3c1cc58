/**
 * Turns the sources into JavaScript and declarations: `npm run build` fills each package's `dist`.
 * The workspace itself runs from source; only what is published needs this.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./pinned-node.mjs";
import { buildWeb } from "./build-web.ts";
import { withoutComments } from "./source-scan.ts";
import { listFiles, listWorkspaces, type Workspace } from "./workspace.ts";

/**
 * Compiles all packages, and bundles what runs in a browser.
 * @param place Says where a package's output goes; what was there is replaced.
 * @throws {Error} when the compiler finds an error, which it has printed.
 */
export async function buildPackages(place: (workspace: Workspace) => string): Promise<void> {
  const emitted = mkdtempSync(join(tmpdir(), "shoal-build-"));
  try {
    compile(emitted);
    for (const workspace of listWorkspaces()) {
      const source = join(emitted, workspace.shortName, "src");
      for (const file of listFiles("**/*.{js,d.ts}", source)) finish(join(source, file));
      const target = place(workspace);
      rmSync(target, { recursive: true, force: true });
      cpSync(source, target, { recursive: true });
      if (workspace.shortName === "web") await buildWeb(join(target, "app"));
    }
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
}

function compile(outFolder: string): void {
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = ["-p", join(root, "tsconfig.build.json"), "--outDir", outFolder];
  const ran = spawnSync(process.execPath, [compiler, ...options], { stdio: "inherit" });
  if (ran.error) throw ran.error;
  if (ran.status !== 0) throw new Error("the sources do not compile; the compiler's lines say why");
}

/**
 * The compiler rewrites `./x.ts` to `./x.js` in the imports of JavaScript alone: not in
 * declarations, and not where a worker is named by `new URL`.
 */
function finish(path: string): void {
  const text = readFileSync(path, "utf8");
  const rewritten = path.endsWith(".d.ts")
    ? text.replace(/((?:from|import)\s*\(?\s*["']\.[^"']*)\.ts(["'])/g, "$1.js$2")
    : text.replace(/(\bnew URL\(\s*["']\.[^"']*)\.ts(["']\s*,\s*import\.meta\.url)/g, "$1.js$2");
  const left = /["']\.{1,2}\/[^"']*\.ts["']/.exec(withoutComments(rewritten));
  if (left !== null) {
    throw new Error(`${path} would still name ${left[0]}; write it as an import or a new URL(...)`);
  }
  if (rewritten !== text) writeFileSync(path, rewritten);
}

if (import.meta.main) {
  await buildPackages((workspace) => join(root, workspace.folder, "dist"));
  console.log("Built every package into its dist folder.");
}
