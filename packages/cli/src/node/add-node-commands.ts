import { type Command, Option } from "commander";
import { parsePort } from "../arguments/parse-endpoint.ts";
import type { CommonOptions, RunCommand } from "../commands/context.ts";
import { addDaemonOptions, type DaemonOptions } from "../daemon/daemon-options.ts";
import type { DaemonCommandOptions } from "./run-daemon.ts";

/** The commands that run a node, look after it and move it. */
export function addNodeCommands(program: Command, runCommand: RunCommand): void {
  add(
    program,
    "daemon",
    "run the daemon: torrents, web interface and APIs, until a signal ends it",
    ["shoal daemon", "shoal daemon --port 8080 --no-open", "shoal daemon --host 0.0.0.0"],
  )
    .option(
      "--port <n>",
      "of the web interface and APIs (default: 9550, or the setting)",
      parsePort,
    )
    .option("--host <address>", "where they listen (default: 127.0.0.1, or the setting)")
    .option("--no-open", "do not open the web interface in a browser")
    .action(async (options: DaemonCommandOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./run-daemon.ts")).runDaemon(options, context);
      });
    });

  addDaemonOptions(
    add(program, "health", "say whether the daemon is well: for service managers and containers", [
      "shoal health",
      "shoal health --json",
    ]),
  ).action(async (options: DaemonOptions) => {
    await runCommand(options, async (context) => {
      return (await import("./health.ts")).runHealth(options, context);
    });
  });

  add(program, "backup <file>", "write the whole node into one file, payload apart", [
    "shoal backup shoal.backup",
    "shoal backup /mnt/backups/$(date +%F).backup",
  ]).action(async (file: string, options: CommonOptions) => {
    await runCommand(options, async (context) => {
      return (await import("./backup-commands.ts")).runBackup(file, options, context);
    });
  });

  add(program, "restore <file>", "put a node in place as a backup has it, where none is", [
    "shoal restore shoal.backup",
    "SHOAL_HOME=/srv/shoal shoal restore shoal.backup",
  ]).action(async (file: string, options: CommonOptions) => {
    await runCommand(options, async (context) => {
      return (await import("./backup-commands.ts")).runRestore(file, options, context);
    });
  });
}

function add(
  program: Command,
  nameAndArguments: string,
  summary: string,
  lines: readonly string[],
): Command {
  return program
    .command(nameAndArguments)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .summary(summary)
    .showHelpAfterError(`shoal ${nameAndArguments.split(" ")[0]} --help lists its options`)
    .option("--json", "one JSON object on stdout at the end")
    .addOption(
      new Option("--events <format>", "events on stdout as they happen").choices(["ndjson"]),
    )
    .option("--quiet", "nothing on stderr but warnings and errors")
    .addHelpText("after", `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`);
}
