import { join } from "node:path";
import { createNodeRuntime, lockFile, openPrivateFolder } from "@shoal/runtime/node";
import { Configuration } from "../config/configuration.ts";
import type { DaemonFolders } from "../daemon/daemon-core.ts";
import { DaemonLog } from "../log/daemon-log.ts";
import { makeBackup } from "./make-backup.ts";

/**
 * Writes a backup where no daemon runs.
 * @throws as `makeBackup`; {ConfigError}; {DiskError} `locked`.
 */
export async function makeOfflineBackup(
  path: string,
  { folders, version }: { readonly folders: DaemonFolders; readonly version: string },
): Promise<{ readonly path: string; readonly lengthBytes: number }> {
  const unlock = lockFile(join(folders.state, "daemon.lock"), folders.state);
  const runtime = await createNodeRuntime({ logLevel: "silent" });
  try {
    const settings = await Configuration.open({
      folder: openPrivateFolder(folders.config),
      log: new DaemonLog(() => {}).log,
    });
    const { folder } = settings.current.downloads;
    const downloadFolder = folder === "" ? join(folders.data, "downloads") : folder;
    const nowMs = runtime.clock.nowMs();
    return await makeBackup(path, { folders, version, nowMs, downloadFolder });
  } finally {
    await runtime.close();
    unlock();
  }
}
