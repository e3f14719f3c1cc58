import { type Command, Option } from "commander";
import { collect } from "../arguments/collect.ts";
import { parseCount } from "../arguments/parse-count.ts";
import type { CommonOptions, RunCommand } from "../commands/context.ts";
import type { ExportOptions, ImportOptions, KeyOptions, RestoreOptions } from "./key-commands.ts";
import type { SendFlags, TokenOptions } from "./money-commands.ts";
import type { NetworkOptions, WalletOptions } from "./open-wallet.ts";

/** `shoal wallet` and what it does. */
export function addWalletCommands(program: Command, runCommand: RunCommand): void {
  const wallet = program
    .command("wallet")
    .description("Keep keys, and receive and send BTT, the coin and tokens.")
    .summary("keep keys, and receive and send money")
    .addHelpText(
      "after",
      `
Examples:
  shoal wallet create --name ann --password-file pass.txt
  shoal wallet faucet --name ann
  shoal wallet balance --name ann --json
  shoal wallet send 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed 12.5 --name ann --password-file pass.txt
  shoal wallet history --name ann
  shoal wallet balance --name ann --network bttc

Networks: shoal wallet networks. Without --network it is the embedded chain of this machine (shoal chain start).
Passwords, words and keys come from files, stdin (-) or the terminal, never from the command line.`,
    );

  addKeyCommands(wallet, runCommand);
  addMoneyCommands(wallet, runCommand);

  addPassword(
    addAccount(addNetwork(addName(add(wallet, "sign [text]", "sign a text, or structured data")))),
  )
    .option("--file <file>", "sign the text in this file")
    .option("--typed-data <file>", "sign structured data (EIP-712) in this file")
    .option("--yes", "sign without asking")
    .action(async (text: string | undefined, options: WalletOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./other-commands.ts")).runSign(text, options, context);
      });
    });

  addNetwork(
    addName(
      add(wallet, "contacts <action> [name] [address]", "list, add or remove names of addresses"),
    ),
  ).action(
    async (
      action: string,
      name: string | undefined,
      address: string | undefined,
      options: NetworkOptions & { readonly name: string },
    ) => {
      await runCommand(options, async (context) => {
        const { runContacts } = await import("./other-commands.ts");
        return runContacts(action, name, address, options, context);
      });
    },
  );

  add(wallet, "lock", "end every session of this device: what spends without asking").action(
    async (options: CommonOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./other-commands.ts")).runLock(options, context);
      });
    },
  );

  add(wallet, "networks", "list the networks that are known").action(
    async (options: CommonOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./other-commands.ts")).runNetworks(options, context);
      });
    },
  );
}

function addKeyCommands(wallet: Command, runCommand: RunCommand): void {
  addPassword(addName(add(wallet, "create", "make a wallet of new words"))).action(
    async (options: KeyOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./key-commands.ts")).runWalletCreate(options, context);
      });
    },
  );

  addPassword(addName(add(wallet, "restore", "bring a wallet back from its words or a backup")))
    .option("--mnemonic-file <file>", "the words (- for stdin; default: typed)")
    .option("--backup <file>", "what shoal wallet backup has made, under its password")
    .action(async (options: RestoreOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./key-commands.ts")).runWalletRestore(options, context);
      });
    });

  addPassword(addName(add(wallet, `import`, "take a private key or another wallet's key file in")))
    .option("--key-file <file>", "64 hex digits, or a key file of version 3 (- for stdin)")
    .option("--key-password-file <file>", "the key file's own password")
    .option("--label <text>", "a name for the account", "")
    .action(async (options: ImportOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./key-commands.ts")).runWalletImport(options, context);
      });
    });

  addPassword(addAccount(addName(add(wallet, "export", "write words or a key into a file"))))
    .requiredOption("--output <file>", "a new file, which only you may read")
    .addOption(
      new Option("--as <form>", "the words, a key's digits, or a key file of version 3")
        .choices(["words", "key", "keystore"])
        .default("keystore"),
    )
    .addOption(new Option("--coin <kind>", "whose key").choices(["evm", "tron"]).default("evm"))
    .option("--export-password-file <file>", "the key file's password (default: the wallet's)")
    .action(async (options: ExportOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./key-commands.ts")).runWalletExport(options, context);
      });
    });

  addPassword(addName(add(wallet, "backup", "put a whole wallet into one encrypted file")))
    .requiredOption("--output <file>", "a new file")
    .action(async (options: KeyOptions & { readonly output: string }) => {
      await runCommand(options, async (context) => {
        return (await import("./key-commands.ts")).runWalletBackup(options, context);
      });
    });

  addPassword(addName(add(wallet, "accounts", "list the accounts of a wallet")))
    .option("--new [label]", "derive one more")
    .option("--all", "list the wallets instead")
    .action(async (options: KeyOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./key-commands.ts")).runWalletAccounts(options, context);
      });
    });
}

function addMoneyCommands(wallet: Command, runCommand: RunCommand): void {
  addToken(
    addAccount(addNetwork(addName(add(wallet, "balance", "say what an account has")))),
  ).action(async (options: TokenOptions) => {
    await runCommand(options, async (context) => {
      return (await import("./money-commands.ts")).runBalance(options, context);
    });
  });

  addSending(addToken(add(wallet, "send <to> <amount>", "send BTT, a token or the coin")))
    .option("--yes", "send without asking")
    .option("--trust", "send although the recipient looks like another one, or is a contract")
    .option("--dry-run", "say what would happen, and send nothing")
    .option("--max-fee <amount>", "the most that it may cost, in the network's coin")
    .option(
      "--key <text>",
      "a name for this payment: it is made once, however often it is asked for",
    )
    .action(async (to: string, amount: string, options: SendFlags) => {
      await runCommand(options, async (context) => {
        return (await import("./money-commands.ts")).runSend(to, amount, options, context);
      });
    });

  for (const [name, what, summary] of [
    ["speed-up <transaction>", "speedUp", "pay more for a transaction that waits"],
    ["cancel <transaction>", "cancel", "put nothing in the place of a transaction that waits"],
  ] as const) {
    addSending(add(wallet, name, summary)).action(async (id: string, options: SendFlags) => {
      await runCommand(options, async (context) => {
        return (await import("./money-commands.ts")).runReplace(what, id, options, context);
      });
    });
  }

  addToken(addAccount(addNetwork(addName(add(wallet, "history", "list what came and went")))))
    .addOption(
      new Option("--from-block <n>", "the first block to look at")
        .argParser(parseCount(0, Number.MAX_SAFE_INTEGER))
        .default(0),
    )
    .addOption(
      new Option("--count <n>", "how many at the most")
        .argParser(parseCount(1, 100_000))
        .default(50),
    )
    .action(
      async (options: TokenOptions & { readonly fromBlock: number; readonly count: number }) => {
        await runCommand(options, async (context) => {
          return (await import("./money-commands.ts")).runHistory(options, context);
        });
      },
    );

  addAccount(
    addNetwork(addName(add(wallet, "faucet", "get play money from the embedded chain"))),
  ).action(async (options: WalletOptions) => {
    await runCommand(options, async (context) => {
      return (await import("./money-commands.ts")).runFaucet(options, context);
    });
  });
}

function add(wallet: Command, nameAndArguments: string, summary: string): Command {
  return wallet
    .command(nameAndArguments)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .summary(summary)
    .option("--json", "one JSON object on stdout at the end")
    .addOption(
      new Option("--events <format>", "events on stdout as they happen").choices(["ndjson"]),
    )
    .option("--quiet", "nothing on stderr but warnings and errors");
}

function addName(command: Command): Command {
  return command.option("--name <name>", "which wallet", "main");
}

function addAccount(command: Command): Command {
  return command.addOption(
    new Option("--account <n>", "which of its accounts")
      .argParser(parseCount(0, 1_000_000))
      .default(0),
  );
}

/** What every command takes that talks to a network. */
export function addNetwork(command: Command): Command {
  return command
    .option("--network <name>", "which network: shoal wallet networks lists them", "embedded")
    .option(
      "--rpc <url>",
      "an endpoint instead of the known ones; may be repeated",
      collect(String),
    );
}

function addPassword(command: Command): Command {
  return command.option(
    "--password-file <file>",
    "its first line is the password (- for stdin; default: typed)",
  );
}

function addToken(command: Command): Command {
  return command.option(
    "--token <address>",
    "a token's address, or coin for the network's own (default: BTT)",
  );
}

function addSending(command: Command): Command {
  return addPassword(addAccount(addNetwork(addName(command))))
    .addOption(
      new Option("--urgency <how>", "what it pays to be soon in a block").choices([
        "slow",
        "normal",
        "fast",
      ]),
    )
    .addOption(
      new Option("--wait <until>", "until it is in a block, or there for good")
        .choices(["none", "included", "final"])
        .default("included"),
    );
}
