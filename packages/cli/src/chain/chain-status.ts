import type { Runtime } from "@shoal/runtime";
import type { CommandContext, CommonOptions } from "../commands/context.ts";
import { CliError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { openRuntime } from "../process/open-runtime.ts";
import { chainFolder, readChainEndpoint } from "./chain-endpoint.ts";

export interface ChainStatusOptions extends CommonOptions {
  readonly data?: string;
}

interface ChainInfo {
  readonly chainId: string;
  readonly blockNumber: string;
  readonly faucet: string;
  readonly btt: string;
  readonly blockTimeMs: number;
}

const TIMEOUT_MS = 10_000;

/** Says whether the chain of a folder runs, and where. */
export async function runChainStatus(
  { data }: ChainStatusOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output, env } = context;
  const folder = chainFolder(data, env);
  const runtime = await openRuntime(context, { keepsState: false });
  try {
    const endpoint = await readChainEndpoint(folder);
    const info = endpoint && (await askInfo(runtime, endpoint.http));
    if (endpoint === null || info === null) {
      const text = `No chain of ${folder} is running: shoal chain start runs it.`;
      throw new CliError("daemon-unreachable", text);
    }
    const { http, ws, pid } = endpoint;
    const chainId = Number(info.chainId);
    const block = Number(info.blockNumber);
    output.data(`chain ${chainId} (play money), block ${block}`);
    output.data(http);
    output.data(ws);
    output.data(`BTT ${info.btt}, faucet ${info.faucet}`);
    output.result({
      playMoney: true,
      http,
      ws,
      pid,
      folder,
      chainId,
      block,
      btt: info.btt,
      faucet: info.faucet,
      blockTimeS: info.blockTimeMs / 1000,
    });
    return EXIT.ok;
  } finally {
    await runtime.close();
  }
}

/** Null when nobody answers there, or somebody else. */
async function askInfo({ http }: Runtime, url: string): Promise<ChainInfo | null> {
  const request = { jsonrpc: "2.0", id: 1, method: "shoal_chainInfo", params: [] };
  try {
    const { body } = await http.request({
      url,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: Buffer.from(JSON.stringify(request)),
      timeoutMs: TIMEOUT_MS,
    });
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    const answer = JSON.parse(Buffer.concat(parts).toString()) as { readonly result?: ChainInfo };
    return answer.result ?? null;
  } catch {
    return null;
  }
}
