import { homedir } from "node:os";
import process from "node:process";
import { type Carry, createClient } from "@shoal/api/client";
import { type Daemon, openDaemon } from "@shoal/node";
import { DiskError } from "@shoal/runtime";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { readVersion } from "../process/read-version.ts";
import { findShoalFolders } from "../process/shoal-folders.ts";
import type { DaemonLink } from "./daemon-link.ts";

/**
 * Works on what a daemon has kept, while none runs: in this process, with nothing running and nothing sent.
 * @throws {CliError} `daemon-unreachable` while one starts or ends.
 */
export async function withRestingDaemon<T>(
  { env, output, signal }: CommandContext,
  use: (daemon: DaemonLink) => Promise<T>,
): Promise<T> {
  let daemon: Daemon;
  try {
    daemon = await openDaemon({
      folders: findShoalFolders(env, process.platform, homedir()),
      version: readVersion(),
      isAtRest: true,
      writeLog: (line) => {
        if (env.SHOAL_DEBUG) output.warn(line.trimEnd());
      },
    });
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== "locked") throw error;
    const what = "The daemon is starting or ending, or cannot be reached: try again in a moment.";
    throw new CliError("daemon-unreachable", what, { cause: error });
  }
  const ask: Carry = async ({ method, target, headers, body }) => {
    const { status, body: answer } = await daemon.handle({
      method,
      target,
      headers: { host: "localhost", ...headers },
      body: Buffer.from(body ?? ""),
      remote: { address: "", port: 0 },
      transport: "unix",
      signal,
    });
    if (!(answer instanceof Uint8Array)) throw new TypeError(`${target} is a stream.`);
    return { status, text: async () => Buffer.from(answer).toString() };
  };
  try {
    output.note("no daemon is running: what was kept is looked at, and goes on with shoal daemon");
    return await use({
      client: createClient(ask),
      open: async () => await Promise.reject(new TypeError("Nothing streams at rest.")),
    });
  } finally {
    await daemon.close();
  }
}
