import { parseAmount } from "@shoal/chain";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseCount } from "../arguments/parse-count.ts";
import { addNetwork } from "../wallet/add-wallet-commands.ts";

/** Whose money it is, and on which network. */
export interface TradeFlags {
  readonly wallet?: string;
  readonly account?: number;
  readonly passwordFile?: string;
  readonly network?: string;
  readonly rpc?: readonly string[];
}

/** What `get` takes to pay for speed. Amounts are wei. */
export interface BuyFlags extends TradeFlags {
  readonly pay?: boolean;
  /** Per MiB. */
  readonly bid?: bigint;
  readonly budget?: bigint;
  readonly receipts?: boolean;
}

/** What `seed` takes to sell upload. Amounts are wei. */
export interface SellFlags extends TradeFlags {
  readonly sell?: boolean;
  /** Per MiB. */
  readonly minPrice?: bigint;
  readonly freeSlots?: number;
  readonly minChallenge?: number;
}

export function addBuyOptions(command: Command): Command {
  command
    .option("--pay", "pay uploaders in BTT, so that they serve this side first")
    .addOption(
      new Option("--bid <btt>", "what to pay for a MiB, always the same").argParser(parseBtt),
    )
    .addOption(
      new Option(
        "--budget <btt>",
        "spend so much at the most; bids are raised while that buys speed",
      )
        .argParser(parseBtt)
        .conflicts("bid"),
    )
    .option(
      "--receipts",
      "say for which torrents it is paid, for anybody to see: sellers need it for their rewards",
    );
  return addTradeOptions(command);
}

export function addSellOptions(command: Command): Command {
  command
    .option("--sell", "sell upload slots for BTT to the highest bidders")
    .addOption(
      new Option("--min-price <btt>", "for a MiB; who offers less is served for free, if at all")
        .argParser(parseBtt)
        .default(10n ** 14n, "0.0001"),
    )
    .addOption(
      new Option("--free-slots <n>", "slots that are never sold")
        .argParser(parseCount(1, 200))
        .default(1),
    )
    .addOption(
      new Option(
        "--min-challenge <seconds>",
        "channels that can be closed sooner are refused (default: a week, an hour with play money)",
      ).argParser(parseCount(60, 90 * 24 * 3600)),
    );
  return addTradeOptions(command);
}

export function addTradeOptions(command: Command): Command {
  command
    .option("--wallet <name>", "whose money it is", "main")
    .addOption(
      new Option("--account <n>", "which of the wallet's accounts")
        .argParser(parseCount(0, 1_000_000))
        .default(0),
    )
    .option(
      "--password-file <file>",
      "its first line is the wallet's password (- for stdin; default: typed)",
    );
  return addNetwork(command);
}

/** BTT as people write it, in wei. */
export function parseBtt(text: string): bigint {
  try {
    return parseAmount(text, 18);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
