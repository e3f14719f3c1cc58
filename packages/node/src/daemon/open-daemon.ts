import { join } from "node:path";
import type { SettingsChange } from "@shoal/api";
import { createProxiedRuntime, type Runtime } from "@shoal/runtime";
import { createNodeRuntime, lockFile, openPrivateFolder } from "@shoal/runtime/node";
import { createScryptHasher } from "../access/password-hasher.ts";
import { Configuration } from "../config/configuration.ts";
import { createProgramRunner } from "../hooks/run-program.ts";
import type { Face } from "../faces/face.ts";
import { createLocalFiles } from "../local-files/create-local-files.ts";
import { DaemonLog } from "../log/daemon-log.ts";
import type { DaemonFolders } from "./daemon-core.ts";
import { withoutNetwork } from "./without-network.ts";
import { type Daemon, startDaemon } from "./start-daemon.ts";

export interface OpenDaemonOptions {
  readonly folders: DaemonFolders;
  readonly version: string;
  /** Settings of this run, over those of the file. */
  readonly overrides?: SettingsChange;
  /** More interfaces, asked before the daemon's own: the web UI, which stands above this package. */
  readonly faces?: readonly Face[];
  /** Takes the log, a JSON object and its newline at a time; standard error when absent. */
  readonly writeLog?: (line: string) => void;
  /** Called as soon as the interface is reached: it says of everything else that it is starting. */
  readonly onListening?: (url: string) => void;
  /** Only opens what is kept, for `Daemon.handle` to work on; see `StartInit.isAtRest`. */
  readonly isAtRest?: boolean;
}

/**
 * Opens the daemon on this machine. One at a time with a folder of state; killed at any moment, the next one finds what
 * was acknowledged.
 * @throws {DiskError} `locked` while another daemon has the folders; {ConfigError}; {NetError} when a port that was chosen
 * is taken; {StoreError}.
 */
export async function openDaemon(options: OpenDaemonOptions): Promise<Daemon> {
  const { folders, version, overrides, faces, onListening, isAtRest = false } = options;
  const write = options.writeLog ?? ((line: string) => void process.stderr.write(line));
  const daemonLog = new DaemonLog(write);
  const unlock = lockFile(join(folders.state, "daemon.lock"), folders.state);
  const closing: (() => Promise<void> | void)[] = [unlock];
  const closeAll = async (): Promise<void> => {
    for (const close of closing.toReversed()) await close();
  };
  try {
    const settings = await Configuration.open({
      folder: openPrivateFolder(folders.config),
      log: daemonLog.log,
      ...(overrides === undefined ? {} : { overrides }),
    });
    daemonLog.configure(settings.current.log);
    const runtime = await createNodeRuntime({
      storePath: join(folders.state, "shoal.db"),
      keepsAlive: true,
      logLevel: "debug",
      writeLog: (line) => daemonLog.take(line),
      ...(settings.current.network.interface === null || isAtRest
        ? {}
        : { interface: settings.current.network.interface }),
    });
    closing.push(() => runtime.close());
    const daemon = await startDaemon({
      folders,
      version,
      runtime,
      isAtRest,
      outside: isAtRest
        ? withoutNetwork(runtime)
        : outsideOf(runtime, settings.current.network.proxy),
      settings,
      log: daemonLog,
      files: createLocalFiles(),
      programs: createProgramRunner(runtime.clock),
      hasher: createScryptHasher(runtime.random),
      openPrivateFolder,
      pid: process.pid,
      memoryBytes: () => process.memoryUsage.rss(),
      ...(faces === undefined ? {} : { faces }),
      ...(onListening === undefined ? {} : { onListening }),
    });
    closing.push(() => daemon.close());
    let closed: Promise<void> | null = null;
    return { ...daemon, close: () => (closed ??= closeAll()) };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function outsideOf(runtime: Runtime, proxy: string | null): Runtime {
  return proxy === null ? runtime : createProxiedRuntime(runtime, { url: proxy });
}
