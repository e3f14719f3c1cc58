import { type Command, InvalidArgumentError, Option } from "commander";
import { collect } from "../arguments/collect.ts";
import { parsePort } from "../arguments/parse-endpoint.ts";
import type { RunCommand } from "../commands/context.ts";
import type { ChainStartOptions } from "./chain-start.ts";
import type { ChainStatusOptions } from "./chain-status.ts";

/** Where programs look for a chain of this machine. */
const DEFAULT_PORT = 8545;
/** And for the emulation of TRON. */
const DEFAULT_TRON_PORT = 9090;
const MAX_BLOCK_TIME_S = 86_400;

/** `shoal chain` and what it does. */
export function addChainCommands(program: Command, runCommand: RunCommand): void {
  const chain = program
    .command("chain")
    .description("Run a chain of play money on this machine: an EVM with BTT and a faucet.")
    .summary("run a chain of play money on this machine")
    .addHelpText(
      "after",
      `
Examples:
  shoal chain start
  shoal chain start --port 8600 --block-time 5 --data ./chain
  shoal chain status --json
  curl -s -H content-type:application/json http://127.0.0.1:8545 \\
    -d '{"jsonrpc":"2.0","id":1,"method":"shoal_faucet","params":["0xYOUR_ADDRESS"]}'

Its money is worth nothing. What it has acknowledged survives kill -9 and power cuts.`,
    );

  add(chain, "start", "run the chain until Ctrl-C, for wallets and programs of this machine")
    .addOption(
      new Option("--port <n>", "for HTTP and WebSockets, on 127.0.0.1; 0 takes a free one")
        .argParser(parsePort)
        .default(DEFAULT_PORT),
    )
    .addOption(
      new Option("--block-time <seconds>", "between blocks; 0 makes one for every transaction")
        .argParser(parseBlockTime)
        .default(0),
    )
    .option(
      "--allow-origin <url>",
      "a web page's origin that may ask, such as https://app.example; may be repeated",
      collect(parseOrigin),
    )
    .addOption(
      new Option(
        "--tron",
        "an emulation of TRON instead: an EVM, not a TVM, behind TRON's API, in memory (port 9090)",
      ).conflicts(["data", "allowOrigin"]),
    )
    .addHelpText(
      "after",
      `
Examples:
  shoal chain start
  shoal chain start --tron
  shoal chain start --port 0 --events ndjson
  shoal chain start --block-time 2.5 --data /tmp/chain`,
    )
    .action(async (options: ChainStartOptions & { tron?: true }, command: Command) => {
      await runCommand(options, async (context) => {
        if (options.tron !== true) {
          return (await import("./chain-start.ts")).runChainStart(options, context);
        }
        const isDefault = command.getOptionValueSource("port") === "default";
        const port = isDefault ? DEFAULT_TRON_PORT : options.port;
        const { runChainStartTron } = await import("./chain-start-tron.ts");
        return runChainStartTron({ ...options, port }, context);
      });
    });
  add(chain, "status", "say whether the chain runs, and where")
    .addHelpText("after", "\nExamples:\n  shoal chain status\n  shoal chain status --json")
    .action(async (options: ChainStatusOptions) => {
      await runCommand(options, async (context) => {
        return (await import("./chain-status.ts")).runChainStatus(options, context);
      });
    });
}

function add(chain: Command, name: string, summary: string): Command {
  return chain
    .command(name)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .summary(summary)
    .option("--data <folder>", "where the chain is kept (default: where Shoal keeps its data)")
    .option("--json", "the result as one JSON object on stdout")
    .addOption(
      new Option("--events <format>", "events on stdout as they happen").choices(["ndjson"]),
    )
    .option("--quiet", "nothing on stderr but warnings and errors");
}

function parseBlockTime(text: string): number {
  const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds === 0 || (seconds >= 1 && seconds <= MAX_BLOCK_TIME_S)) return seconds;
  // Blocks are a second apart at least: quicker ones would run ahead of the clock.
  throw new InvalidArgumentError(`Expected 0, or seconds from 1 to ${MAX_BLOCK_TIME_S}.`);
}

function parseOrigin(text: string): string {
  const origin = URL.parse(text)?.origin;
  if (origin !== undefined && origin !== "null") return origin;
  throw new InvalidArgumentError("Expected an origin, such as https://app.example.");
}
