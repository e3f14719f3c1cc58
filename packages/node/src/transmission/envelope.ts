import type { Dialect } from "./names.ts";
import { RpcError, toRpcError } from "./rpc-error.ts";

/** Calls in one batch: enough for any client's start, few enough that one request does not hold up others. */
export const MAX_BATCH = 100;

type Json = Record<string, unknown>;

/** Carries out one method. @returns What is answered, its names spelled by the dialect. */
export type Execute = (method: string, args: Json, dialect: Dialect) => Promise<Json>;

/**
 * Answers a body of either kind: Transmission's own envelope (`method`, `arguments`, `tag`), JSON-RPC 2.0 as of
 * Transmission 4.1, or a batch of the latter.
 * @returns What is sent back; null when all that came were notifications.
 * @see https://www.jsonrpc.org/specification
 */
export async function answerEnvelope(body: Uint8Array, execute: Execute): Promise<unknown> {
  let message: unknown;
  try {
    message = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return failure(null, new RpcError("parse-error", "This is not JSON in UTF-8."));
  }
  if (Array.isArray(message)) return await answerBatch(message, execute);
  if (!isObject(message)) {
    return failure(null, new RpcError("invalid-request", "Expected an object, or a batch."));
  }
  return "jsonrpc" in message
    ? await answerJsonRpc(message, execute)
    : await answerLegacy(message, execute);
}

async function answerBatch(messages: readonly unknown[], execute: Execute): Promise<unknown> {
  if (messages.length === 0 || messages.length > MAX_BATCH) {
    const text = `A batch has 1 to ${MAX_BATCH} calls, not ${messages.length}.`;
    return failure(null, new RpcError("invalid-request", text));
  }
  const answers: unknown[] = [];
  // One after the other: what a batch adds, its next call may name.
  for (const message of messages) {
    const answer = isObject(message)
      ? await answerJsonRpc(message, execute)
      : failure(null, new RpcError("invalid-request", "Each call of a batch is an object."));
    if (answer !== null) answers.push(answer);
  }
  return answers.length === 0 ? null : answers;
}

async function answerJsonRpc(message: Json, execute: Execute): Promise<Json | null> {
  const { jsonrpc, method, params = {}, id } = message;
  const isNotification = !("id" in message);
  const isKnownId = isNotification || id === null || ["string", "number"].includes(typeof id);
  if (jsonrpc !== "2.0" || typeof method !== "string" || !isKnownId) {
    const text = 'Expected jsonrpc "2.0", a method, and an id that is a string or a number.';
    return failure(isKnownId && !isNotification ? id : null, new RpcError("invalid-request", text));
  }
  try {
    if (!isObject(params)) throw new RpcError("invalid-params", "Parameters go by their names.");
    const result = await execute(method, params, "snake");
    return isNotification ? null : { jsonrpc: "2.0", result, id };
  } catch (error) {
    return isNotification ? null : failure(id, toRpcError(error));
  }
}

async function answerLegacy(message: Json, execute: Execute): Promise<Json> {
  const { method, arguments: args = {}, tag } = message;
  const tagged = typeof tag === "number" ? { tag } : {};
  try {
    if (typeof method !== "string") throw new RpcError("invalid-request", "no method name");
    if (!isObject(args)) throw new RpcError("invalid-params", "Arguments are an object.");
    const dialect = method.includes("_") ? "snake" : "legacy";
    return { arguments: await execute(method, args, dialect), result: "success", ...tagged };
  } catch (error) {
    return { arguments: {}, result: toRpcError(error).message, ...tagged };
  }
}

function failure(id: unknown, error: RpcError): Json {
  const { number: code, title: message } = error;
  return { jsonrpc: "2.0", error: { code, message, data: { error_string: error.message } }, id };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
