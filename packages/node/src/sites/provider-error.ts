import { AccountError, ChainError, RevertError, RpcError } from "@shoal/chain";
import { NodeError } from "../errors.ts";

/**
 * How a site is told that something failed.
 * @see EIP-1193 (4001 to 4901), EIP-3326 (4902), EIP-1474 (-32002 and others)
 */
export const PROVIDER_CODES = {
  rejected: 4001,
  unauthorized: 4100,
  unsupported: 4200,
  disconnected: 4900,
  chainDisconnected: 4901,
  unknownChain: 4902,
  parse: -32700,
  badRequest: -32600,
  badParams: -32602,
  failed: -32603,
  badInput: -32000,
  waiting: -32002,
  limit: -32005,
} as const;

export function providerError(
  code: keyof typeof PROVIDER_CODES,
  message: string,
  data?: unknown,
): RpcError {
  return new RpcError(PROVIDER_CODES[code], message, data);
}

/** Codes of the chain's errors that say that nobody can be asked just now. */
const OUT_OF_REACH: ReadonlySet<string> = new Set([
  "unreachable",
  "wrong-network",
  "bad-answer",
  "no-quorum",
  "closed",
]);

/** What failed, as a site is told it. Only what is meant for it: whatever is not known says nothing. */
export function toProviderError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (error instanceof RevertError) return new RpcError(3, error.message, error.data);
  if (error instanceof ChainError) {
    if (OUT_OF_REACH.has(error.code)) {
      return providerError("chainDisconnected", "The network does not answer just now.");
    }
    return providerError(error.code === "bad-address" ? "badParams" : "badInput", error.message);
  }
  if (error instanceof AccountError && error.code === "not-allowed") {
    return providerError("badParams", error.message);
  }
  if (error instanceof NodeError && error.code === "bad-request") {
    return providerError("badParams", error.message);
  }
  return providerError("failed", "This failed inside Shoal; its log says more.");
}
