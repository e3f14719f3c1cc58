import { BaseError } from "viem";

/** Codes of EIP-1193, EIP-1474 and EIP-3326, and what they mean for whoever sits before the screen. */
const SENTENCES: Readonly<Record<number, string>> = {
  4001: "You said no in the wallet. Nothing was signed.",
  4100: "The wallet does not let this page use that account. Connect again.",
  4200: "This wallet cannot do that.",
  4900: "The wallet is not connected to any network.",
  4901: "The wallet is not connected to this network.",
  4902: "The wallet does not know this network: add it there first.",
  [-32002]: "The wallet is waiting for an answer already: open it and answer there.",
};

/** What went wrong, without a stack of technical words. */
export function plainWords(error: unknown): string {
  // viem wraps what a wallet says: the innermost error with a code that is known is the reason.
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { readonly code?: unknown };
    if (typeof code === "number" && SENTENCES[code] !== undefined) return SENTENCES[code];
  }
  if (error instanceof BaseError) return error.shortMessage;
  return error instanceof Error ? error.message : String(error);
}
