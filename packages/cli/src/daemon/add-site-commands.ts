import type { Command } from "commander";
import { parseCount } from "../arguments/parse-count.ts";
import type { RunCommand } from "../commands/context.ts";
import { addCommand, examples } from "./add-command.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import type { AllowOptions, SiteChoiceOptions } from "./site-commands.ts";

/** The commands about web sites that use the daemon's wallet. */
export function addSiteCommands(program: Command, runCommand: RunCommand): void {
  const sites = program
    .command("sites")
    .description("Web sites that use the daemon's wallet; lists those that are connected.")
    .summary("web sites that use the wallet")
    .addHelpText(
      "after",
      examples(
        "shoal sites",
        "shoal sites requests",
        "shoal sites allow 0123 --yes",
        "shoal sites disconnect https://app.example",
      ),
    );
  const load = () => import("./site-commands.ts");

  addCommand(
    sites,
    "list",
    "print the sites that are connected, and what they see",
    ["shoal sites list", "shoal sites list --json"],
    { isDefault: true },
  ).action(async (options: DaemonOptions) => {
    await runCommand(options, async (context) => (await load()).runSites(options, context));
  });

  addCommand(sites, "requests", "print what sites ask for, with what it does", [
    "shoal sites requests",
    "shoal sites requests --json",
  ]).action(async (options: DaemonOptions) => {
    await runCommand(options, async (context) => (await load()).runSiteRequests(options, context));
  });

  addChoice(
    addCommand(sites, "allow <id>", "do what a site asks for; the beginning of its ID will do", [
      "shoal sites allow 0123",
      "shoal sites allow 0123 --yes --wallet main --account 1 --network bttc",
      "shoal sites allow 0123 --yes --password-file pass.txt",
    ]),
  )
    .option("--password-file <file>", "unlocks the wallet for this alone (- for stdin)")
    .option("--yes", "do not ask")
    .option("--trust", "do not ask, and go on in spite of grave warnings")
    .action(async (id: string, options: AllowOptions) => {
      await runCommand(options, async (context) => {
        return (await load()).runAllowSite(id, options, context);
      });
    });

  addCommand(sites, "deny <id>", "refuse what a site asks for", ["shoal sites deny 0123"]).action(
    async (id: string, options: DaemonOptions) => {
      await runCommand(options, async (context) => {
        return (await load()).runDenySite(id, options, context);
      });
    },
  );

  addChoice(
    addCommand(sites, "change <site>", "show a site another account or network", [
      "shoal sites change https://app.example --network sepolia",
      "shoal sites change 0123456789ab --wallet main --account 1",
    ]),
  ).action(async (site: string, options: SiteChoiceOptions) => {
    await runCommand(options, async (context) => {
      return (await load()).runChangeSite(site, options, context);
    });
  });

  addCommand(sites, "disconnect <site>", "cut a site off, at once", [
    "shoal sites disconnect https://app.example",
    "shoal sites disconnect 0123456789ab",
  ]).action(async (site: string, options: DaemonOptions) => {
    await runCommand(options, async (context) => {
      return (await load()).runDisconnectSite(site, options, context);
    });
  });
}

function addChoice(command: Command): Command {
  return command
    .option("--wallet <name>", "whose account it sees")
    .option("--account <n>", "which account of the wallet", parseCount(0, 1_000_000))
    .option("--network <name>", "on which network, such as embedded or bttc");
}
