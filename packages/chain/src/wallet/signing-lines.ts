/** What a line of something that is to be signed says. */
export type SigningLabel =
  | "account"
  | "contract"
  | "function"
  | "argument"
  | "data"
  | "text"
  | "bytes"
  | "domain"
  | "statement"
  | "uri"
  | "version"
  | "chain"
  | "nonce"
  | "issued"
  | "expires"
  | "not-before"
  | "request-id"
  | "resource"
  | "name"
  | "type"
  | "field"
  | "token"
  | "spender"
  | "owner"
  | "to"
  | "amount"
  | "deadline";

/** A line for people, plain text without anything that hides or turns around other text. */
export interface SigningLine {
  readonly label: SigningLabel;
  readonly value: string;
}

/** What somebody should know before he signs. */
export interface SigningWarning {
  readonly code:
    | "fails"
    | "unknown-call"
    | "deploys"
    | "leave-to-spend"
    | "unlimited"
    | "all-tokens"
    | "unknown-typed-data"
    | "no-chain"
    | "not-text"
    | "hidden-characters"
    | "too-long"
    | "other-domain"
    | "other-account"
    | "other-chain"
    | "not-in-time"
    | "broken-sign-in";
  readonly message: string;
  /** Not to be waved through with everything else: it has to be confirmed by itself. */
  readonly isGrave: boolean;
}

/** Lines that are shown; what is longer is nothing for people. */
export const MAX_LINES = 200;

/** An amount from here on is no amount, but everything there ever is: no token has so many units. */
const UNLIMITED = 1n << 128n;

export function isUnlimited(amount: bigint): boolean {
  return amount >= UNLIMITED;
}

/** Characters that move, hide or turn around text are shown as their numbers. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u2028\u2029]/gu, (character) => {
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
}

/** Turns text around: what is read is not what stands there. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** Whether there is something in a text that is not seen; null where all is. */
export function warnOfHidden(text: string): SigningWarning | null {
  if (visible(text) === text) return null;
  const isTurned = TURNING.test(text);
  return {
    code: "hidden-characters",
    message: isTurned
      ? "There are characters in it that turn text around, to make it read as another. They are shown by their numbers."
      : "There are characters in it that cannot be seen. They are shown by their numbers.",
    isGrave: isTurned,
  };
}

/** @returns The first lines, and how many there are beside them. */
export function cutLines(
  lines: readonly SigningLine[],
  label: SigningLabel,
): { readonly lines: readonly SigningLine[]; readonly warnings: readonly SigningWarning[] } {
  if (lines.length <= MAX_LINES) return { lines, warnings: [] };
  const value = `and ${lines.length - MAX_LINES} lines more`;
  const message = `This has ${lines.length} lines: you would sign what you do not see.`;
  return {
    lines: [...lines.slice(0, MAX_LINES), { label, value }],
    warnings: [{ code: "too-long", message, isGrave: true }],
  };
}
