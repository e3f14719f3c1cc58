import { type Command, Option } from "commander";
import { collect } from "../arguments/collect.ts";
import { parseCount } from "../arguments/parse-count.ts";
import type { RunCommand } from "../commands/context.ts";
import { addNetwork } from "../wallet/add-wallet-commands.ts";
import { parseHostPort } from "../arguments/parse-endpoint.ts";
import type { AuditFlags } from "./audit-command.ts";
import type { AttestFlags, FundFlags, ListFlags, TopUpFlags } from "./bounty-commands.ts";
import type { BountyFileFlags } from "./report.ts";
import type { ComputeFlags, RewardFlags } from "./rewards-commands.ts";

/** Anybody may fund any number of bounties. */
const MAX_LISTED = 1000;

const parseDay = parseCount(1, 2 ** 31);

/** `shoal rewards` and what it does. */
export function addRewardsCommands(program: Command, runCommand: RunCommand): void {
  const rewards = program
    .command("rewards")
    .description("Rewards for seeding: out of the fees that were burned, for a week at a time.")
    .summary("rewards for seeding: check, compute and claim them")
    .addHelpText(
      "after",
      `
Examples:
  shoal rewards attribute --name bob --password-file pass.txt
  shoal rewards status --name bob
  shoal rewards compute --epoch 2968 --output rewards.json
  shoal rewards claim --name bob --password-file pass.txt --yes`,
    );
  const load = async () => await import("./rewards-commands.ts");
  const epoch = () =>
    new Option("--epoch <n>", "weeks since 1970").argParser(parseCount(0, 1_000_000));

  addAccount(add(rewards, "status", "what a wallet earned, by epoch"))
    .addOption(epoch())
    .action(async (flags: RewardFlags) => {
      await runCommand(flags, async (context) => (await load()).runRewardsStatus(flags, context));
    });
  addSigning(add(rewards, "claim", "take what can be taken"))
    .addOption(epoch())
    .action(async (flags: RewardFlags) => {
      await runCommand(flags, async (context) => (await load()).runRewardsClaim(flags, context));
    });
  add(rewards, "compute", "compute an epoch from the chain, and compare what was posted")
    .addOption(epoch())
    .option("--output <file>", "where the list of all shares goes")
    .action(async (flags: ComputeFlags) => {
      await runCommand(flags, async (context) => (await load()).runRewardsCompute(flags, context));
    });
  addSigning(
    add(rewards, "attribute", "write receipts down on chain: they count from then on"),
  ).action(async (flags: RewardFlags) => {
    await runCommand(flags, async (context) => {
      return (await load()).runRewardsAttribute(flags, context);
    });
  });
  for (const [name, summary] of [
    ["post", "post an epoch's root, as the authority"],
    ["veto", "refuse an epoch's root, as a guardian"],
  ] as const) {
    addSigning(add(rewards, name, summary))
      .addOption(epoch())
      .action(async (flags: RewardFlags) => {
        await runCommand(flags, async (context) => {
          return (await load()).runRewardsOffice(name, flags, context);
        });
      });
  }
}

/** `shoal bounty` and what it does. */
export function addBountyCommands(program: Command, runCommand: RunCommand): void {
  const bounty = program
    .command("bounty")
    .description("Pots that keep torrents alive: paid by the day to who seeds, as auditors say.")
    .summary("pots that keep torrents alive: fund, top up, list, claim, refund")
    .addHelpText(
      "after",
      `
Examples:
  shoal bounty fund rare.torrent --amount 300 --per-day 10 --days 30 --auditor 0x5aAe... --name ann --password-file pass.txt
  shoal bounty list --json
  shoal bounty audit 7 rare.torrent --auditor 0x5aAe... --output day.json --name eve --password-file pass.txt
  shoal bounty attest 7 --day 20780 --seeder 0x1b2c... --auditor 0x5aAe... --output day.json --name eve --password-file pass.txt
  shoal bounty claim day.json --name bob --password-file pass.txt`,
    );
  const load = async () => await import("./bounty-commands.ts");

  addAuditors(addSigning(add(bounty, "fund <torrent>", "make a pot for a torrent")))
    .requiredOption("--amount <btt>", "what goes into the pot")
    .requiredOption("--per-day <btt>", "the most that one day pays")
    .option("--per-seeder <btt>", "the most that one day pays to one seeder (default: all of it)")
    .addOption(
      new Option("--seeders <n>", "the most seeders that one day pays")
        .argParser(parseCount(1, 200))
        .default(20),
    )
    .addOption(
      new Option("--days <n>", "how long, from today").argParser(parseCount(1, 3653)).default(30),
    )
    .action(async (torrent: string, flags: FundFlags) => {
      await runCommand(flags, async (context) => {
        return (await load()).runBountyFund(torrent, flags, context);
      });
    });
  addSigning(add(bounty, "top-up <bounty>", "add to a pot: anybody may"))
    .requiredOption("--amount <btt>", "what goes into the pot")
    .action(async (id: string, flags: TopUpFlags) => {
      await runCommand(flags, async (context) => {
        return (await load()).runBountyTopUp(id, flags, context);
      });
    });
  addSigning(
    add(bounty, "refund <bounty>", "return what is left to the funder, a week after the end"),
  ).action(async (id: string, flags: BountyFileFlags) => {
    await runCommand(flags, async (context) => {
      return (await load()).runBountyRefund(id, flags, context);
    });
  });
  add(bounty, "list", "the newest bounties")
    .option("--torrent <source>", "for this torrent alone")
    .addOption(
      new Option("--limit <n>", "how many").argParser(parseCount(1, MAX_LISTED)).default(50),
    )
    .action(async (flags: ListFlags) => {
      await runCommand(flags, async (context) => (await load()).runBountyList(flags, context));
    });
  addAuditors(
    addSigning(add(bounty, "attest <bounty>", "sign who was there on a day, as an auditor")),
  )
    .addOption(new Option("--day <n>", "days since 1970").argParser(parseDay).makeOptionMandatory())
    .requiredOption("--seeder <address>", "who was there; may be repeated", collect(String))
    .requiredOption("--output <file>", "where the report goes")
    .action(async (id: string, flags: AttestFlags) => {
      await runCommand(flags, async (context) => {
        return (await load()).runBountyAttest(id, flags, context);
      });
    });
  addAuditors(
    addSigning(
      add(
        bounty,
        "audit <bounty> <torrent>",
        "ask seeders for pieces drawn at random, and sign who had them",
      ),
    ),
  )
    .option("--peer <host:port>", "a seeder; may be repeated", collect(parseHostPort))
    .addOption(
      new Option("--search <seconds>", "without --peer: how long to look for seeders that sell")
        .argParser(parseCount(1, 3600))
        .default(60),
    )
    .addOption(
      new Option("--challenges <n>", "pieces to draw").argParser(parseCount(1, 1000)).default(4),
    )
    .addOption(new Option("--day <n>", "days since 1970 (default: today)").argParser(parseDay))
    .option("--host <address>", "the address to connect from")
    .requiredOption("--output <file>", "where the report goes")
    .action(async (id: string, torrent: string, flags: AuditFlags) => {
      await runCommand(flags, async (context) => {
        const { runBountyAudit } = await import("./audit-command.ts");
        return await runBountyAudit(id, torrent, flags, context);
      });
    });
  addSigning(
    add(bounty, "claim <report...>", "have a day paid, with its auditors' reports"),
  ).action(async (paths: string[], flags: BountyFileFlags) => {
    await runCommand(flags, async (context) => {
      return (await load()).runBountyClaim(paths, flags, context);
    });
  });
}

function add(parent: Command, nameAndArguments: string, summary: string): Command {
  const command = parent
    .command(nameAndArguments)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .summary(summary)
    .option("--json", "one JSON object on stdout at the end")
    .addOption(
      new Option("--events <format>", "events on stdout as they happen").choices(["ndjson"]),
    )
    .option("--quiet", "nothing on stderr but warnings and errors")
    .option("--contract <address>", "where the contract is (default: the known one)");
  return addNetwork(command);
}

function addAccount(command: Command): Command {
  return command
    .option("--name <name>", "which wallet", "main")
    .addOption(
      new Option("--account <n>", "which of its accounts")
        .argParser(parseCount(0, 1_000_000))
        .default(0),
    );
}

function addSigning(command: Command): Command {
  return addAccount(command)
    .option(
      "--password-file <file>",
      "its first line is the password (- for stdin; default: typed)",
    )
    .option("--yes", "sign without asking");
}

function addAuditors(command: Command): Command {
  return command
    .requiredOption("--auditor <address>", "who may say so; may be repeated", collect(String))
    .addOption(
      new Option("--threshold <n>", "how many of them have to agree")
        .argParser(parseCount(1, 200))
        .default(1),
    );
}
