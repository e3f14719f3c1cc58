import { decodeErrorResult } from "viem";
import { ChainError, RevertError, RpcError } from "../errors.ts";
import { revertDataOf } from "../rpc/endpoints.ts";

/** `Error(string)` and `Panic(uint256)`: what Solidity's own checks return. */
const STANDARD_ERRORS = [
  { type: "error", name: "Error", inputs: [{ name: "reason", type: "string" }] },
  { type: "error", name: "Panic", inputs: [{ name: "code", type: "uint256" }] },
] as const;

/** A node's word for a call that reverted, as an error with its reason; any other error as it is. */
export function toRevert(error: unknown): unknown {
  const data = revertDataOf(error);
  if (data === null) return error;
  try {
    const { errorName, args } = decodeErrorResult({ abi: STANDARD_ERRORS, data });
    const reason = errorName === "Error" ? args[0] : `panic 0x${args[0].toString(16)}`;
    return new RevertError(reason, data, { cause: error });
  } catch {
    return new RevertError(null, data, { cause: error });
  }
}

export function isShortOfFunds(error: unknown): boolean {
  return (
    error instanceof RpcError &&
    /insufficient funds|enough funds|gas required exceeds allowance/i.test(error.message)
  );
}

/** What a node says of a request that makes no sense to it, as an error of ours. */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof RpcError)) return error;
  return new ChainError("refused", `The network refuses this: ${error.message}`, { cause: error });
}
