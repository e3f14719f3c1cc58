// Where the pinned Node lies. Plain JavaScript: the Node that a user has (20 or later) reads it too.
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The one version of Node that runs Shoal; the npm package `node` carries it. */
export const NODE_VERSION = "24.21.0";

/** The root of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where the pinned Node is installed; git ignores it. */
export const nodeHome = join(root, ".node");

/** The folder that goes first on PATH. */
export const nodeBinFolder = join(nodeHome, "node_modules", "node", "bin");

export const nodeBinary = join(nodeBinFolder, process.platform === "win32" ? "node.exe" : "node");

/**
 * The environment for a child that must find the pinned Node first. On Windows the variable may be
 * spelled `Path`, and two spellings side by side would leave the choice to chance.
 */
export function pinnedEnvironment() {
  const env = { ...process.env };
  const name = Object.keys(env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  const before = env[name] ?? "";
  if (!before.split(delimiter).includes(nodeBinFolder)) {
    env[name] = before === "" ? nodeBinFolder : nodeBinFolder + delimiter + before;
  }
  return env;
}
