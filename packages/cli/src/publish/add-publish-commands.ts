import { type Command, Option } from "commander";
import { parseCount } from "../arguments/parse-count.ts";
import type { RunCommand } from "../commands/context.ts";
import { addSalt } from "../dht/add-dht-commands.ts";
import { addSessionOptions } from "../torrent/session-options.ts";
import type { FollowOptions } from "./follow.ts";
import type { PublishOptions } from "./publish.ts";

const DAY_S = 86_400;

/** `shoal publish` and `shoal follow`: torrents under a key (BEP 46). */
export function addPublishCommands(program: Command, runCommand: RunCommand): void {
  add(program, "publish <folder>", "publish a folder under a key, and all its changes")
    .requiredOption("--key <file>", "the private key; made when there is none")
    .addOption(seconds("--check <seconds>", "between two looks at the folder", 10))
    .addHelpText("after", "\nExamples:\n  shoal publish site --key site.key")
    .action(async (path: string, options: PublishOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./publish.ts")).runPublish(path, options, context);
      });
    });

  add(program, "follow <key>", "download what is published under a key, and all its changes")
    .requiredOption("--dir <folder>", "where the files go")
    .option("--once", "end when the newest version is here")
    .addOption(seconds("--poll <seconds>", "between two looks for a new version", 300))
    .addOption(seconds("--timeout <seconds>", "how long --once looks for a first version", 60))
    .addHelpText(
      "after",
      `
Examples:
  shoal follow 'magnet:?xs=urn:btpk:8543d3...' --dir mirror
  shoal follow 8543d3... --dir mirror --once`,
    )
    .action(async (key: string, options: FollowOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./follow.ts")).runFollow(key, options, context);
      });
    });
}

function add(program: Command, nameAndArguments: string, summary: string): Command {
  const command = program
    .command(nameAndArguments)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .summary(summary)
    .option("--json", "one JSON object on stdout at the end")
    .addOption(
      new Option("--events <format>", "events on stdout as they happen").choices(["ndjson"]),
    )
    .option("--quiet", "nothing on stderr but warnings and errors");
  return addSalt(addSessionOptions(command));
}

function seconds(flags: string, description: string, usual: number): Option {
  return new Option(flags, description).argParser(parseCount(1, DAY_S)).default(usual);
}
