import { type Command, Option } from "commander";
import { addDaemonOptions } from "./daemon-options.ts";

/**
 * Adds a command that talks to the daemon, with the options that all of them have.
 * @param options.isDefault It is what `program` does where no command of it is named.
 */
export function addCommand(
  program: Command,
  nameAndArguments: string,
  summary: string,
  lines: readonly string[],
  { isDefault = false }: { readonly isDefault?: boolean } = {},
): Command {
  const names = [
    ...(program.parent === null ? [] : [program.name()]),
    nameAndArguments.split(" ")[0],
  ];
  const command = program
    .command(nameAndArguments, { isDefault })
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .summary(summary)
    .showHelpAfterError(`shoal ${names.join(" ")} --help lists its options`)
    .option("--json", "one JSON object on stdout at the end")
    .addOption(
      new Option("--events <format>", "events on stdout as they happen").choices(["ndjson"]),
    )
    .option("--quiet", "nothing on stderr but warnings and errors")
    .addHelpText("after", examples(...lines));
  return addDaemonOptions(command);
}

export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
