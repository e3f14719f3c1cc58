import type { HttpClient } from "@shoal/runtime";
import { ChainError, RpcError } from "../errors.ts";
import { createHttpRpc, nameOfUrl, postJson } from "../rpc/http-rpc.ts";
import type { Rpc } from "../rpc/rpc.ts";

/** Whoever serves many asks for a key: the header that TronGrid reads it from. */
const API_KEY_HEADER = "TRON-PRO-API-KEY";
/** Keys go to the service that gave them out, and to nobody else. */
const API_KEY_HOSTS = /(?:^|\.)trongrid\.io(?::\d+)?$/;

export interface TronRpcOptions {
  readonly timeoutMs?: number;
  /** TronGrid's key. It is sent to TronGrid alone. */
  readonly apiKey?: string;
}

/**
 * A node of TRON. Two languages behind one door: methods with a slash, such as `wallet/getaccount`, are the node's own
 * HTTP API, and their one parameter is the body; all others are Ethereum's JSON-RPC, which services speak at `/jsonrpc`.
 * Whole numbers beyond what a number holds exactly come as bigint.
 */
export function createTronRpc(http: HttpClient, url: string, options: TronRpcOptions = {}): Rpc {
  const { apiKey, ...limits } = options;
  const base = url.replace(/\/+$/, "");
  const name = nameOfUrl(url);
  const headers: Record<string, string> =
    apiKey !== undefined && API_KEY_HOSTS.test(name) ? { [API_KEY_HEADER]: apiKey } : {};
  const ethereum = createHttpRpc(http, `${base}/jsonrpc`, { ...limits, headers });
  return {
    async request({ method, params = [] }) {
      if (method === "eth_chainId") return await askChainId();
      if (!method.includes("/")) return await ethereum.request({ method, params });
      return await ask(method, params[0] ?? {});
    },
  };

  async function ask(method: string, request: unknown): Promise<object> {
    // What services keep beside the chain (`v1/`) is only read, and asked for in the address.
    const isIndex = method.startsWith("v1/");
    const body = isIndex ? null : Buffer.from(JSON.stringify(request));
    const sent = { ...limits, headers };
    const answer = await postJson(http, `${base}/${method}`, body, sent, exactNumber);
    if (typeof answer !== "object" || answer === null) {
      throw new ChainError("bad-answer", `${name} does not answer as a node of TRON.`);
    }
    const { Error: refusal } = answer as { Error?: unknown };
    if (typeof refusal === "string") throw new RpcError(codeOf(refusal), refusal);
    return answer;
  }

  /** The last 4 bytes of the first block's id (TIP-474): every node tells it, also without JSON-RPC. */
  async function askChainId(): Promise<string> {
    const { blockID } = (await ask("wallet/getblockbynum", { num: 0 })) as { blockID?: unknown };
    if (typeof blockID === "string" && /^0{16}[0-9a-f]{48}$/.test(blockID)) {
      return `0x${blockID.slice(-8)}`;
    }
    throw new ChainError("bad-answer", `${name} does not answer as a node of TRON.`);
  }
}

/** Nodes have words only: those about load make another node be asked, others are the request's fault. */
function codeOf(refusal: string): number {
  return /rate|exceed|suspended|busy|not support|timeout/i.test(refusal) ? -32005 : -32602;
}

/** A number of JSON that a number cannot hold exactly, as bigint. */
function exactNumber(
  _key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}
