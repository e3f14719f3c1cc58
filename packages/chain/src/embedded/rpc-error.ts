import { decodeErrorResult, type Hex } from "viem";
import { RpcError } from "../errors.ts";

/** Codes of JSON-RPC 2.0 and EIP-1474, and the one that geth gives a call that reverts. */
export const RPC_CODES = {
  reverted: 3,
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  invalidInput: -32000,
  notFound: -32001,
  rejected: -32003,
  limit: -32005,
} as const;

/** `Error(string)` and `Panic(uint256)`, which every contract may fail with. */
const STANDARD_ERRORS = [
  { type: "error", name: "Error", inputs: [{ name: "message", type: "string" }] },
  { type: "error", name: "Panic", inputs: [{ name: "code", type: "uint256" }] },
] as const;

/** An error as the EVM's library words it. */
export interface EvmFailure {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** What wallets look for in a refusal's text is geth's words. */
const REFUSALS: readonly (readonly [RegExp, (match: RegExpMatchArray) => string])[] = [
  [
    /nonce too low\. Expected nonce to be at least (\d+) but got (\d+)/,
    ([, next, nonce]) => `nonce too low: next nonce ${next}, tx nonce ${nonce}`,
  ],
  [/^Known transaction/, () => "already known"],
  [
    /doesn't have enough funds.*upfront cost is: (\d+) and the sender's balance is: (\d+)/,
    ([, want, have]) =>
      `insufficient funds for gas * price + value: balance ${have}, tx cost ${want}`,
  ],
  [
    /^Replacement transaction underpriced.*at least (\d+)/,
    ([, least]) => `replacement transaction underpriced: at least ${least} wei a gas are needed`,
  ],
  [
    /requires at least (\d+) gas but got (\d+)/,
    ([, least, got]) => `intrinsic gas too low: have ${got}, want ${least}`,
  ],
  [/gas limit.* exceeds/, ({ input }) => `exceeds block gas limit: ${input}`],
];

/** Finds the code and the words that wallets know for what the EVM's library says. */
export function toRpcError({ code, message, data }: EvmFailure): RpcError {
  const detail = (data ?? {}) as { readonly reason?: unknown; readonly data?: unknown };
  if (typeof detail.reason === "object" && detail.reason !== null && "Revert" in detail.reason) {
    const returned = detail.data as Hex;
    const reason = reasonOf(returned);
    const text = reason === null ? "execution reverted" : `execution reverted: ${reason}`;
    return new RpcError(RPC_CODES.reverted, text, returned);
  }
  if (/ran out of gas/.test(message)) return new RpcError(RPC_CODES.invalidInput, "out of gas");
  if (code === -32004) return new RpcError(RPC_CODES.methodNotFound, message);
  for (const [pattern, word] of REFUSALS) {
    const match = pattern.exec(message);
    if (match !== null) return new RpcError(RPC_CODES.rejected, word(match));
  }
  if (/invalid block tag/.test(message)) return new RpcError(RPC_CODES.notFound, message);
  return new RpcError(code, message);
}

/** The text of `require` and the like; null for an error of the contract's own, or none. */
function reasonOf(returned: Hex): string | null {
  try {
    const { errorName, args } = decodeErrorResult({ abi: STANDARD_ERRORS, data: returned });
    return errorName === "Error" ? args[0] : `panic 0x${args[0].toString(16).padStart(2, "0")}`;
  } catch {
    return null;
  }
}
