import type { Command } from "commander";
import type { RunCommand } from "../commands/context.ts";
import type { CreateKeyOptions, PasswordOptions } from "./access-commands.ts";
import { addCommand } from "./add-command.ts";
import type { DaemonOptions } from "./daemon-options.ts";

/** The commands that say who may reach the daemon. */
export function addAccessCommands(program: Command, runCommand: RunCommand): void {
  addCommand(program, "password", "set the web interface's password, or another one", [
    "shoal password",
    "shoal password --password-file pass.txt",
  ])
    .option("--password-file <file>", "a file whose first line it is (- for stdin)")
    .action(async (options: PasswordOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./access-commands.ts")).runPassword(options, context);
      });
    });

  const keys = program
    .command("keys")
    .description("API keys: what programs reach the daemon with.")
    .summary("API keys of programs")
    .addHelpText(
      "after",
      "\nExamples:\n  shoal keys list\n  shoal keys create sonarr --scopes read,torrents",
    );

  addCommand(keys, "list", "print keys, what they may, and when they were used", [
    "shoal keys list",
  ]).action(async (options: DaemonOptions) => {
    await runCommand(options, async (context) => {
      return (await import("./access-commands.ts")).runKeys(options, context);
    });
  });

  addCommand(keys, "create <name>", "make a key, and print its secret this once", [
    "shoal keys create sonarr --scopes read,torrents",
    "shoal keys create laptop --scopes read,torrents,wallet,admin --output shoal.key",
  ])
    .requiredOption("--scopes <scopes>", "what it may, separated by commas")
    .option("--output <file>", "write the secret into a new file of yours alone")
    .action(async (name: string, flags: Omit<CreateKeyOptions, "scopes"> & { scopes: string }) => {
      await runCommand(flags, async (context) => {
        const { parseScopes, runCreateKey } = await import("./access-commands.ts");
        return runCreateKey(name, { ...flags, scopes: parseScopes(flags.scopes) }, context);
      });
    });

  addCommand(keys, "revoke <id>", "end a key, at once", ["shoal keys revoke 0123456789ab"]).action(
    async (id: string, options: DaemonOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./access-commands.ts")).runRevokeKey(id, options, context);
      });
    },
  );
}
