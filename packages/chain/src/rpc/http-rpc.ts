import type { HttpClient } from "@shoal/runtime";
import { ChainError, RpcError } from "../errors.ts";
import type { Rpc } from "./rpc.ts";

/** A node that has nothing to say for so long is not waited for: the next one is asked. */
const TIMEOUT_MS = 10_000;

/** The largest answer that is taken: a block with all its transactions has some megabytes. */
const MAX_ANSWER_BYTES = 32 * 2 ** 20;

export interface HttpRpcOptions {
  readonly timeoutMs?: number;
  /** Sent with every request; keys of services. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A node behind HTTP, by JSON-RPC 2.0. */
export function createHttpRpc(http: HttpClient, url: string, options: HttpRpcOptions = {}): Rpc {
  const name = nameOfUrl(url);
  let nextId = 1;
  return {
    async request({ method, params = [] }) {
      const id = nextId++;
      const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
      const answer = await postJson(http, url, body, options);
      return resultOf(answer, id, name);
    },
  };
}

/** Host and port of an address: its path and its credentials may hold somebody's key. */
export function nameOfUrl(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new ChainError("unreachable", "The RPC address is no http or https URL.");
  }
  return parsed.host;
}

/**
 * Posts JSON, or only asks where there is none to post, and reads what comes back.
 * @param reviver As of `JSON.parse`.
 * @throws {ChainError} `unreachable`, `bad-answer`.
 */
export async function postJson(
  http: HttpClient,
  url: string,
  body: Uint8Array | null,
  { timeoutMs = TIMEOUT_MS, headers: more = {} }: HttpRpcOptions,
  reviver?: (key: string, value: unknown) => unknown,
): Promise<unknown> {
  const name = nameOfUrl(url);
  let text: string;
  let status: number;
  try {
    const headers = { "content-type": "application/json", accept: "application/json", ...more };
    const sent = body === null ? {} : { method: "POST", body };
    const response = await http.request({ url, headers, timeoutMs, ...sent });
    ({ status } = response);
    const parts: Uint8Array[] = [];
    let lengthBytes = 0;
    for await (const part of response.body) {
      lengthBytes += part.length;
      if (lengthBytes > MAX_ANSWER_BYTES) {
        throw new ChainError("bad-answer", `${name} sends more than ${MAX_ANSWER_BYTES} bytes.`);
      }
      parts.push(Uint8Array.from(part));
    }
    text = Buffer.concat(parts).toString("utf8");
  } catch (cause) {
    if (cause instanceof ChainError) throw cause;
    // The cause's own text holds the whole address: it stays out of messages.
    const { code } = cause as { code?: string };
    throw new ChainError("unreachable", `${name} does not answer (${code ?? "failed"}).`);
  }
  try {
    return JSON.parse(text, reviver) as unknown;
  } catch {
    throw new ChainError("unreachable", `${name} answers HTTP ${status} and no JSON.`);
  }
}

function resultOf(answer: unknown, id: number, name: string): unknown {
  if (typeof answer === "object" && answer !== null) {
    const { error, result, id: answered } = answer as Record<string, unknown>;
    if (typeof error === "object" && error !== null) {
      const { code, message, data } = error as Record<string, unknown>;
      throw new RpcError(Number(code), String(message), data);
    }
    if (answered === id && result !== undefined) return result;
  }
  throw new ChainError("bad-answer", `${name} does not answer in JSON-RPC.`);
}
