import { type Command, Option } from "commander";
import type { CommandContext, CommonOptions, RunCommand } from "../commands/context.ts";
import type { ExitCode } from "../exit-codes.ts";
import type * as Commands from "./speed-commands.ts";
import { addTradeOptions, type TradeFlags } from "./trade-options.ts";

type Run = (flags: TradeFlags, context: CommandContext) => Promise<ExitCode>;

/** `shoal speed` and what it does. */
export function addSpeedCommands(program: Command, runCommand: RunCommand): void {
  const speed = program
    .command("speed")
    .description("What was earned and paid for bandwidth, and its channels.")
    .summary("what was earned and paid for bandwidth")
    .addHelpText(
      "after",
      `
Examples:
  shoal speed status --wallet bob --json
  shoal speed redeem --wallet bob --password-file pass.txt
  shoal speed close --wallet ann --password-file pass.txt

Bandwidth is bought and sold by:
  shoal get film.torrent --dir downloads --pay --bid 0.001 --wallet ann --password-file pass.txt
  shoal seed film.torrent --dir downloads --sell --min-price 0.0005 --wallet bob --password-file pass.txt`,
    );
  const add = (name: string, summary: string, pick: (commands: typeof Commands) => Run): void => {
    const command = speed
      .command(name)
      .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
      .summary(summary)
      .option("--json", "one JSON object on stdout at the end")
      .addOption(
        new Option("--events <format>", "events on stdout as they happen").choices(["ndjson"]),
      )
      .option("--quiet", "nothing on stderr but warnings and errors");
    addTradeOptions(command).action(async (options: CommonOptions & TradeFlags) => {
      await runCommand(options, async (context) => {
        return await pick(await import("./speed-commands.ts"))(options, context);
      });
    });
  };
  add("status", "sums of what was earned, paid and burned", (each) => each.runSpeedStatus);
  add(
    "channels",
    "channels to sellers, and claims against buyers",
    (each) => each.runSpeedChannels,
  );
  add("history", "transactions about bandwidth", (each) => each.runSpeedHistory);
  add("redeem", "turn all claims into BTT", (each) => each.runSpeedRedeem);
  add("close", "close channels and take the deposit back", (each) => each.runSpeedClose);
}
