import { formatAmount } from "@shoal/chain";
import type { Answer } from "@shoal/api/client";
import type { CommandContext } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatCsv } from "../output/format-csv.ts";
import { formatTable } from "../output/format-table.ts";
import { toPlainText } from "../output/format.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import { withDaemon } from "./with-daemon.ts";

export interface HistoryOptions extends DaemonOptions {
  /** The one that trades when absent. */
  readonly wallet?: string;
  readonly network?: string;
  readonly count: number;
  readonly csv?: boolean;
}

type Transaction = Answer<"getWalletHistory">["transactions"][number];

const TITLES = ["TIME", "STATE", "WAY", "AMOUNT", "OF", "WITH", "WHAT", "TRANSACTION"] as const;

/** Prints what a wallet of the daemon has received, sent and signed, newest first. */
export async function runHistory(
  options: HistoryOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  return await withDaemon(context, options, async ({ client }) => {
    const { settings } = await client.call("getSettings");
    const name = options.wallet ?? settings.trading.wallet;
    if (name === null) {
      throw new CliError("usage", "no wallet trades here: name one with --wallet");
    }
    const { transactions } = await client.call("getWalletHistory", {
      name,
      network: options.network ?? settings.chain.network,
      limit: options.count,
    });
    const rows = transactions.map(rowOf);
    const lines =
      options.csv === true
        ? formatCsv(
            TITLES.map((title) => title.toLowerCase()),
            rows,
          )
        : formatTable(
            TITLES.map((title) => ({ title })),
            rows,
          );
    for (const line of lines) output.data(line);
    if (rows.length === 0) output.note("nothing yet");
    output.result({ wallet: name, transactions });
    return EXIT.ok;
  });
}

function rowOf(transaction: Transaction): string[] {
  const { atMs, state, direction, wei, decimals, symbol, id } = transaction;
  return [
    new Date(atMs).toISOString(),
    state,
    direction,
    wei === null ? "" : formatAmount(BigInt(wei), decimals ?? 18),
    symbol ?? "",
    toPlainText(transaction.counterpartyName ?? transaction.counterparty ?? ""),
    toPlainText(transaction.summary ?? ""),
    id,
  ];
}
