import { posix, win32 } from "node:path";

/** Where Shoal keeps what is its own. */
export interface ShoalFolders {
  readonly config: string;
  readonly data: string;
  readonly state: string;
  /** For sockets: gone after a restart of the machine, where the platform has such a place. */
  readonly runtime: string;
}

/**
 * The folders for a user: below `SHOAL_HOME` when that is set, otherwise XDG's on Linux and its like,
 * `~/Library/Application Support` on macOS and `%LOCALAPPDATA%` on Windows.
 * @param home The user's home folder.
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function findShoalFolders(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  home: string,
): ShoalFolders {
  const paths = platform === "win32" ? win32 : posix;
  const below = (folder: string): ShoalFolders => ({
    config: paths.join(folder, "config"),
    data: paths.join(folder, "data"),
    state: paths.join(folder, "state"),
    runtime: paths.join(folder, "state"),
  });
  if (env.SHOAL_HOME) return below(paths.resolve(env.SHOAL_HOME));
  if (platform === "darwin")
    return below(paths.join(home, "Library", "Application Support", "Shoal"));
  if (platform === "win32") {
    return below(paths.join(env.LOCALAPPDATA || paths.join(home, "AppData", "Local"), "Shoal"));
  }
  // The specification has relative paths ignored.
  const xdg = (name: string, fallback: readonly string[]): string => {
    const value = env[name];
    return paths.join(
      value && paths.isAbsolute(value) ? value : paths.join(home, ...fallback),
      "shoal",
    );
  };
  return {
    config: xdg("XDG_CONFIG_HOME", [".config"]),
    data: xdg("XDG_DATA_HOME", [".local", "share"]),
    state: xdg("XDG_STATE_HOME", [".local", "state"]),
    runtime: xdg(env.XDG_RUNTIME_DIR ? "XDG_RUNTIME_DIR" : "XDG_STATE_HOME", [".local", "state"]),
  };
}
