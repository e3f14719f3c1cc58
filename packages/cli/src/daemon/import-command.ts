import { resolve } from "node:path";
import type { CommandContext } from "../commands/context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import { withDaemon } from "./with-daemon.ts";

export interface ImportOptions extends DaemonOptions {
  readonly dryRun?: boolean;
}

export const IMPORT_CLIENTS = ["qbittorrent", "transmission"] as const;
export type ImportClient = (typeof IMPORT_CLIENTS)[number];

/** Has the daemon take over what another client has, and prints what came of it. Fails when something was left behind. */
export async function runImport(
  from: ImportClient,
  folder: string,
  options: ImportOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  const { dryRun = false } = options;
  return await withDaemon(context, options, async ({ client }) => {
    const report = await client.call("importTorrents", { from, folder: resolve(folder), dryRun });
    const { added, known, failed } = report;
    output.data(`${dryRun ? "to take over" : "taken over"}  ${added}`);
    output.data(`here already  ${known}`);
    for (const { name, error } of failed) output.data(`left behind  ${name}: ${error}`);
    output.result(report);
    return failed.length === 0 ? EXIT.ok : EXIT.failed;
  });
}
