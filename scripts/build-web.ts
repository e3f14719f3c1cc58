/**
 * Builds the web interface: `npm run build:web` bundles `packages/web` into its `dist/app`, which the daemon serves.
 * Assets carry their hashes in their names, so that browsers may keep them forever.
 */
import { join } from "node:path";
import { build } from "vite";
import { root } from "./pinned-node.mjs";
import { isWebBuilt, noteWebBuilt } from "./web-stamp.mjs";

const webFolder = join(root, "packages", "web");

/**
 * Builds the page, and beside it `provider.js`, which other sites' pages load: one file, a script as any page may have it.
 * @param outFolder What was there is replaced.
 */
export async function buildWeb(outFolder: string): Promise<void> {
  await build({
    root: webFolder,
    configFile: false,
    logLevel: "warn",
    // Relative, so that a copy of the folder works below any path of any server.
    base: "./",
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir: outFolder,
      emptyOutDir: true,
      target: "es2023",
      modulePreload: { polyfill: false },
      // The content security policy has no place for data in place of files, scripts and styles least of all.
      assetsInlineLimit: 0,
    },
  });
  await build({
    root: webFolder,
    configFile: false,
    logLevel: "warn",
    build: {
      outDir: outFolder,
      emptyOutDir: false,
      target: "es2023",
      lib: {
        entry: join(root, "packages", "api", "src", "provider", "bundle.ts"),
        formats: ["iife"],
        name: "shoal",
        fileName: () => "provider.js",
      },
    },
  });
}

if (import.meta.main) {
  if (isWebBuilt()) console.error("The web interface is built already.");
  else {
    await buildWeb(join(webFolder, "dist", "app"));
    noteWebBuilt();
    console.error("Built the web interface.");
  }
}
