import { spawn } from "node:child_process";
import { homedir } from "node:os";
import process from "node:process";
import { openDaemon } from "@shoal/node";
import type { CommandContext, CommonOptions } from "../commands/context.ts";
import type { ExitCode } from "../exit-codes.ts";
import { readVersion } from "../process/read-version.ts";
import { findShoalFolders } from "../process/shoal-folders.ts";
import { untilSignal } from "../process/until-signal.ts";
import { createWebFace } from "./web-face.ts";

export interface DaemonCommandOptions extends CommonOptions {
  readonly port?: number;
  readonly host?: string;
  /** False leaves browsers alone. */
  readonly open?: boolean;
}

/** Runs the daemon until a signal asks for the end: the first drains, a second one ends at once. */
export async function runDaemon(
  options: DaemonCommandOptions,
  { output, signal, env }: CommandContext,
): Promise<ExitCode> {
  const { port, host } = options;
  const web = { ...(port === undefined ? {} : { port }), ...(host === undefined ? {} : { host }) };
  const daemon = await openDaemon({
    folders: findShoalFolders(env, process.platform, homedir()),
    version: readVersion(),
    overrides: { web },
    faces: [createWebFace()],
    // A terminal is shown what matters; a service manager takes the whole log.
    writeLog: process.stderr.isTTY ? () => {} : (line) => void process.stderr.write(line),
  });
  try {
    const { url, socketPath, core } = daemon;
    output.data(url);
    output.event("listening", { url, socket: socketPath, port: core.session.port });
    output.note(`the daemon is up, with torrents in ${core.torrents.downloadFolder}`);
    output.note("Ctrl-C ends it in order; shoal ls, shoal add and others talk to it");
    if (options.open !== false && process.stdout.isTTY) openBrowser(url);
    const exitCode = await untilSignal(AbortSignal.any([signal, daemon.stopAsked]));
    output.result({ url, socket: socketPath, torrents: core.session.torrents.length });
    return exitCode;
  } finally {
    await daemon.close();
  }
}

/** Where there is no browser, nothing happens. */
function openBrowser(url: string): void {
  const [program = "", ...args] =
    process.platform === "darwin"
      ? ["open"]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", ""]
        : ["xdg-open"];
  const opened = spawn(program, [...args, url], { detached: true, stdio: "ignore" });
  opened.on("error", () => {});
  opened.unref();
}
