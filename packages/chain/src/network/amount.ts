import { ChainError } from "../errors.ts";

/**
 * Reads an amount exactly: `1.5` with 18 decimals is 1500000000000000000n.
 * @param decimals How many decimals the token has.
 * @returns a whole number of the token's smallest unit.
 * @throws {ChainError} `bad-amount` for anything but digits with one point at most, and for more decimals than the token
 * has: nothing is ever rounded.
 */
export function parseAmount(text: string, decimals: number): bigint {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (match === null) {
    throw new ChainError(
      "bad-amount",
      `${text} is no amount: expected a number such as 12 or 0.5.`,
    );
  }
  const [, whole = "0", fraction = ""] = match;
  const significant = fraction.replace(/0+$/, "");
  if (significant.length > decimals) {
    throw new ChainError(
      "bad-amount",
      `${text} has ${significant.length} decimals, and the token ${decimals}: nothing is rounded.`,
    );
  }
  return BigInt(whole) * 10n ** BigInt(decimals) + BigInt(significant.padEnd(decimals, "0") || "0");
}

/** The amount as an exact decimal number, without trailing zeros: what `parseAmount` reads back. */
export function formatAmount(amount: bigint, decimals: number): string {
  const sign = amount < 0n ? "-" : "";
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return fraction === "" ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}
