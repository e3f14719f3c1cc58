import { homedir } from "node:os";
import { resolve } from "node:path";
import process from "node:process";
import { makeOfflineBackup, restoreBackup } from "@shoal/node";
import type { CommandContext, CommonOptions } from "../commands/context.ts";
import { withDaemon } from "../daemon/with-daemon.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatBytes } from "../output/format.ts";
import { readVersion } from "../process/read-version.ts";
import { findShoalFolders } from "../process/shoal-folders.ts";

const foldersOf = ({ env }: CommandContext) => findShoalFolders(env, process.platform, homedir());

/** Writes the whole node's state into one file: the daemon does it where one runs. */
export async function runBackup(
  file: string,
  options: CommonOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const path = resolve(file);
  const made = await askDaemon(path, options, context);
  const { lengthBytes } =
    made ??
    (await makeOfflineBackup(path, { folders: foldersOf(context), version: readVersion() }));
  context.output.note(
    `${formatBytes(lengthBytes)} written: it holds keys, so keep it as you keep them`,
  );
  context.output.data(path);
  context.output.result({ path, lengthBytes });
  return EXIT.ok;
}

/** Puts a node's state in place as a backup has it. */
export async function runRestore(
  file: string,
  _options: CommonOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { version, createdAtMs } = await restoreBackup(resolve(file), foldersOf(context));
  const createdAt = new Date(createdAtMs).toISOString();
  context.output.note(`restored as of ${createdAt}, written by version ${version}`);
  context.output.result({ version, createdAt });
  return EXIT.ok;
}

/** @returns null where no daemon runs. */
async function askDaemon(path: string, options: CommonOptions, context: CommandContext) {
  try {
    return await withDaemon(context, options, ({ client }) => client.call("makeBackup", { path }));
  } catch (error) {
    if (error instanceof CliError && error.code === "daemon-unreachable") return null;
    throw error;
  }
}
