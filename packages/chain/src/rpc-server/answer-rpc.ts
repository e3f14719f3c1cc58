import { RpcError } from "../errors.ts";
import type { RpcSession } from "../embedded/embedded-chain.ts";
import { RPC_CODES } from "../embedded/rpc-error.ts";

/** Requests of one batch: as geth's, and as many as viem sends. */
export const MAX_BATCH = 1000;

type Id = string | number | null;

interface RpcAnswer {
  readonly jsonrpc: "2.0";
  readonly id: Id;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/**
 * Carries out the requests of a message, and never throws: errors are answers.
 * @returns the answer as text; null when none is expected.
 * @see JSON-RPC 2.0
 */
export async function answerRpc(text: string, session: RpcSession): Promise<string | null> {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return JSON.stringify(failure(null, new RpcError(RPC_CODES.parse, "this is no JSON")));
  }
  if (!Array.isArray(message)) {
    const answer = await answerOne(message, session);
    return answer && JSON.stringify(answer);
  }
  const batch: readonly unknown[] = message;
  if (batch.length === 0 || batch.length > MAX_BATCH) {
    const expected = `a batch has 1 to ${MAX_BATCH} requests, this one ${batch.length}`;
    return JSON.stringify(failure(null, new RpcError(RPC_CODES.invalidRequest, expected)));
  }
  // All are begun in their order, so that transactions of one sender are taken in it.
  const answers = await Promise.all(batch.map((request) => answerOne(request, session)));
  const expected = answers.filter((answer) => answer !== null);
  return expected.length === 0 ? null : JSON.stringify(expected);
}

async function answerOne(request: unknown, session: RpcSession): Promise<RpcAnswer | null> {
  if (typeof request !== "object" || request === null) return failure(null, invalid());
  const { id, method, params, jsonrpc } = request as Readonly<Record<string, unknown>>;
  const isIdentified = typeof id === "string" || typeof id === "number" || id === null;
  if (typeof method !== "string" || (id !== undefined && !isIdentified)) {
    return failure(isIdentified ? id : null, invalid());
  }
  if (jsonrpc !== "2.0" && jsonrpc !== undefined) return failure(id ?? null, invalid());
  let answer: RpcAnswer;
  try {
    const result = await session.request({ method, params });
    answer = { jsonrpc: "2.0", id: id ?? null, result };
  } catch (error) {
    answer = failure(id ?? null, error as Error);
  }
  return id === undefined ? null : answer;
}

function failure(id: Id, error: Error): RpcAnswer {
  // A bug of ours is told as no more than that.
  const { code, message, data } =
    error instanceof RpcError ? error : new RpcError(RPC_CODES.internal, "internal error");
  return {
    jsonrpc: "2.0",
    id,
    error: { code, message, ...(data !== undefined && { data }) },
  };
}

function invalid(): RpcError {
  return new RpcError(RPC_CODES.invalidRequest, "this is no JSON-RPC 2.0 request");
}
