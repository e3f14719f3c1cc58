import process from "node:process";
import { openEmbeddedChain, serveChainRpc, type EmbeddedChain } from "@shoal/chain";
import type { CommandContext, CommonOptions } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import type { ExitCode } from "../exit-codes.ts";
import { formatCount } from "../output/format.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { untilSignal } from "../process/until-signal.ts";
import { chainFolder, removeChainEndpoint, writeChainEndpoint } from "./chain-endpoint.ts";

export interface ChainStartOptions extends CommonOptions {
  readonly port: number;
  /** Seconds; 0 for a block as soon as there are transactions. */
  readonly blockTime: number;
  readonly data?: string;
  readonly allowOrigin?: readonly string[];
}

/** Runs the embedded chain alone, with its faucet reachable over RPC, until a signal asks for the end. */
export async function runChainStart(
  options: ChainStartOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output, signal, env } = context;
  const folder = chainFolder(options.data, env);
  const runtime = await openRuntime(context, { keepsState: false });
  try {
    const chain = await openEmbeddedChain({
      ...runtime,
      folder,
      blockTimeMs: Math.round(options.blockTime * 1000),
      onReplay({ transactions, part }) {
        output.live([
          `  executing again: ${formatCount(transactions, "transaction")}, ${Math.floor(part * 100)}%`,
        ]);
      },
    });
    output.live([]);
    try {
      const rpc = await serveChainRpc({
        http: runtime.http,
        chain,
        port: options.port,
        ...(options.allowOrigin !== undefined && { allowedOrigins: options.allowOrigin }),
      });
      try {
        const urls = { http: rpc.httpUrl, ws: rpc.webSocketUrl };
        await writeChainEndpoint(folder, { ...urls, pid: process.pid });
        for (const url of Object.values(urls)) output.data(url);
        output.event("listening", { ...urls, ...describe(chain), folder });
        greet(chain, context);
        const stopped = chain.whenFailed.then((error) => {
          throw new CliError("file-failed", `The chain has stopped: ${error.message}`, {
            cause: error,
          });
        });
        const exitCode = await Promise.race([untilSignal(signal), stopped]);
        output.note(`the chain ends with block ${chain.head.number}`);
        output.result({ ...urls, ...describe(chain), folder });
        return exitCode;
      } finally {
        await removeChainEndpoint(folder);
        await rpc.close();
      }
    } finally {
      await chain.close();
    }
  } finally {
    await runtime.close();
  }
}

function describe({ chainId, faucetAddress, bttAddress, head, restored }: EmbeddedChain): object {
  return {
    playMoney: true,
    chainId,
    block: head.number,
    faucet: faucetAddress,
    btt: bttAddress,
    restoredTransactions: restored.transactions,
    startMs: Math.round(restored.tookMs),
  };
}

function greet(chain: EmbeddedChain, { output }: CommandContext): void {
  const { blocks, transactions, tookMs } = chain.restored;
  const found =
    blocks === 0
      ? "a new chain"
      : `${formatCount(blocks, "block")} and ${formatCount(transactions, "transaction")} executed again in ${(tookMs / 1000).toFixed(1)} s`;
  output.note(`${output.paint("yellow", "play money")}: what this chain holds is worth nothing`);
  output.note(`chain ${chain.chainId}, ${found}; BTT is at ${chain.bttAddress}`);
  output.note("shoal_faucet gives coins and BTT to an address; Ctrl-C ends the chain");
}
