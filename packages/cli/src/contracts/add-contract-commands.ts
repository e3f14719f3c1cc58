import { type Command, Option } from "commander";
import { parseCount } from "../arguments/parse-count.ts";
import type { RunCommand } from "../commands/context.ts";
import { addNetwork } from "../wallet/add-wallet-commands.ts";
import type { NetworkOptions } from "../wallet/open-wallet.ts";
import type { DeployFlags } from "./contract-commands.ts";

/** `shoal contracts` and what it does. */
export function addContractCommands(program: Command, runCommand: RunCommand): void {
  const contracts = program
    .command("contracts")
    .description("Deploy Shoal's contracts, compare them with their sources, list them.")
    .summary("deploy, verify and list the contracts")
    .addHelpText(
      "after",
      `
Examples:
  shoal contracts deploy --name ann --password-file pass.txt --dry-run
  shoal contracts deploy --network sepolia --name ann --password-file pass.txt
  shoal contracts verify --network sepolia
  shoal contracts addresses --json`,
    );

  add(contracts, "deploy", "put what is not there yet on a network")
    .option("--name <name>", "the wallet that pays", "main")
    .addOption(
      new Option("--account <n>", "which of its accounts")
        .argParser(parseCount(0, 1_000_000))
        .default(0),
    )
    .option(
      "--password-file <file>",
      "its first line is the password (- for stdin; default: typed)",
    )
    .option("--owner <address>", "who owns what has an owner (default: who pays)")
    .option("--pass-price <btt>", "a month of the premium pass", "100")
    .option("--dry-run", "say what would be done and about what it costs")
    .option("--yes", "deploy without asking")
    .action(async (options: DeployFlags) => {
      await runCommand(options, async (context) => {
        return (await import("./contract-commands.ts")).runDeploy(options, context);
      });
    });
  add(contracts, "verify", "compare what is on a network with what was compiled").action(
    async (options: NetworkOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./contract-commands.ts")).runVerify(options, context);
      });
    },
  );
  add(contracts, "addresses", "list the contracts of a network").action(
    async (options: NetworkOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./contract-commands.ts")).runAddresses(options, context);
      });
    },
  );
}

function add(contracts: Command, name: string, summary: string): Command {
  return addNetwork(
    contracts
      .command(name)
      .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
      .summary(summary)
      .option("--json", "one JSON object on stdout at the end")
      .addOption(
        new Option("--events <format>", "events on stdout as they happen").choices(["ndjson"]),
      )
      .option("--quiet", "nothing on stderr but warnings and errors"),
  );
}
