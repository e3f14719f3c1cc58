/**
 * Packs what `npm publish` would send: `npm run package` writes one tarball for each package into
 * the repository's `dist` folder. In the workspace `exports` name TypeScript, which Node refuses to run
 * below node_modules, so the packed package.json names the built files instead.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildPackages } from "./build.ts";
import { root } from "./pinned-node.mjs";
import { listWorkspaces, type Manifest, type Workspace } from "./workspace.ts";

/**
 * Builds and packs all packages.
 * @returns the tarballs' paths, in the order of the packages' names.
 * @throws {Error} when a package does not build or npm cannot pack it.
 */
export async function packPackages(outFolder: string): Promise<string[]> {
  const stage = mkdtempSync(join(tmpdir(), "shoal-pack-"));
  try {
    const workspaces = listWorkspaces();
    await buildPackages((workspace) => join(stage, workspace.shortName, "dist"));
    for (const workspace of workspaces) fillStage(workspace, join(stage, workspace.shortName));
    mkdirSync(outFolder, { recursive: true });
    const folders = workspaces.map(({ shortName }) => `./${shortName}`);
    npmPack(stage, folders, resolve(outFolder));
    return workspaces.map(({ manifest }) => join(resolve(outFolder), tarballOf(manifest)));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** The package.json to publish: `./src/x.ts` becomes `./dist/x.js`, with its declarations beside it. */
export function publishedManifest(manifest: Manifest): Record<string, unknown> {
  const { devDependencies: _tools, ...kept } = manifest;
  const exported = Object.entries(manifest.exports ?? {}).map(([name, source]) => [
    name,
    { types: built(source, ".d.ts"), default: built(source, ".js") },
  ]);
  const commands = Object.entries(manifest.bin ?? {}).map(([name, source]) => [
    name,
    built(source, ".js"),
  ]);
  return {
    ...kept,
    files: ["dist"],
    exports: Object.fromEntries(exported),
    ...(commands.length > 0 ? { bin: Object.fromEntries(commands) } : {}),
  };
}

function built(source: string, extension: string): string {
  const match = /^\.\/src\/(.+)\.ts$/.exec(source);
  if (match === null) throw new Error(`${source} is not of the form ./src/NAME.ts`);
  return `./dist/${match[1]}${extension}`;
}

function fillStage(workspace: Workspace, folder: string): void {
  const manifest = JSON.stringify(publishedManifest(workspace.manifest), null, 2);
  writeFileSync(join(folder, "package.json"), `${manifest}\n`);
  cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  const readme = join(root, workspace.folder, "README.md");
  if (existsSync(readme)) cpSync(readme, join(folder, "README.md"));
}

function npmPack(stage: string, folders: readonly string[], outFolder: string): void {
  const windows = process.platform === "win32";
  const options = ["pack", ...folders, "--silent", "--pack-destination", outFolder];
  const ran = spawnSync(windows ? "npm.cmd" : "npm", options, {
    cwd: stage,
    shell: windows,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (ran.error) throw ran.error;
  if (ran.status !== 0) throw new Error(`npm pack failed with exit code ${ran.status}`);
}

/** `@shoal/tracker` 0.1.0 -> `shoal-tracker-0.1.0.tgz`. */
function tarballOf(manifest: Manifest): string {
  return `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`;
}

if (import.meta.main) {
  for (const path of await packPackages(join(root, "dist"))) console.log(path);
}
