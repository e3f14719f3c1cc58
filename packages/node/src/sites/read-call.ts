import { providerError } from "./provider-error.ts";

/** What a page calls, as EIP-1193 has it. */
export interface ProviderCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

const MAX_METHOD_LENGTH = 100;

/**
 * Takes the body of a call apart. Parameters by name come as one object, as the methods of wallets take it.
 * @throws {RpcError} -32700, -32600.
 */
export function readCall(body: Uint8Array): ProviderCall {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(body).toString());
  } catch {
    throw providerError("parse", "The body is no JSON, or longer than may be.");
  }
  const { method, params = [] } = asRecord(json) ?? {};
  if (typeof method !== "string" || method.length > MAX_METHOD_LENGTH) {
    throw providerError("badRequest", "Expected {method, params}, the method being a string.");
  }
  if (Array.isArray(params)) return { method, params };
  if (asRecord(params) !== null) return { method, params: [params] };
  throw providerError("badRequest", "Expected params to be an array, or an object.");
}

/** @returns null for what is no object. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return value as Readonly<Record<string, unknown>>;
}

/** @throws {RpcError} -32602. */
export function readRecord(value: unknown, name: string): Readonly<Record<string, unknown>> {
  const record = asRecord(value);
  if (record === null) throw providerError("badParams", `Expected ${name} to be an object.`);
  return record;
}

/** The number of a chain, as `0x1`. @throws {RpcError} -32602. */
export function readChainId(value: unknown): number {
  const { chainId } = readRecord(value, "the chain");
  if (typeof chainId === "string" && /^0x[1-9a-f][0-9a-f]{0,12}$/i.test(chainId)) {
    return Number(chainId);
  }
  throw providerError("badParams", "Expected chainId in hex, such as 0x1.");
}
