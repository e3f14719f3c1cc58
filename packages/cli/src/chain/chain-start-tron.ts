import { formatTronAddress, startTronEmulation } from "@shoal/chain";
import type { CommandContext } from "../commands/context.ts";
import type { ExitCode } from "../exit-codes.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { untilSignal } from "../process/until-signal.ts";
import type { ChainStartOptions } from "./chain-start.ts";

/** TRON's own pace, where nothing else is asked for: what is sent is in a block at once all the same. */
const BLOCK_TIME_S = 3;

/** Runs the emulation of TRON, which lies in memory, until a signal asks for the end. */
export async function runChainStartTron(
  options: Pick<ChainStartOptions, "port" | "blockTime">,
  context: CommandContext,
): Promise<ExitCode> {
  const { output, signal } = context;
  const runtime = await openRuntime(context, { keepsState: false });
  try {
    const emulation = await startTronEmulation({
      ...runtime,
      port: options.port,
      blockTimeMs: Math.round((options.blockTime || BLOCK_TIME_S) * 1000),
    });
    try {
      const { url, chainId } = emulation;
      const btt = formatTronAddress(emulation.btt);
      const told = { http: url, playMoney: true, emulation: "tron", chainId, btt };
      output.data(url);
      output.event("listening", told);
      output.note(
        `${output.paint("yellow", "an emulation of TRON")}: an EVM, not a TVM; play money in memory`,
      );
      output.note(`chain ${chainId}; BTT is at ${btt}`);
      output.note(`wallets: --network tron-emulation --rpc ${url}; Ctrl-C ends it, and it is gone`);
      const exitCode = await untilSignal(signal);
      output.result(told);
      return exitCode;
    } finally {
      await emulation.close();
    }
  } finally {
    await runtime.close();
  }
}
