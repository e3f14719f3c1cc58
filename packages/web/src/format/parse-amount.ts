/**
 * Reads an amount that somebody typed, exactly.
 * @param text Such as `1,234.5`; a comma groups, a point divides.
 * @returns wei, or null when it is no amount or has more digits than the token.
 */
export function parseAmount(text: string, decimals: number = 18): bigint | null {
  const match = /^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d*))?$/.exec(text.trim());
  if (match === null) return null;
  const [, whole = "", fraction = ""] = match;
  if (fraction.length > decimals) return null;
  return BigInt(whole.replaceAll(",", "") + fraction.padEnd(decimals, "0"));
}

/** The same amount without grouping, for a field that is edited: all its digits. */
export function plainAmount(wei: bigint | string, decimals: number = 18): string {
  const digits = BigInt(wei)
    .toString()
    .padStart(decimals + 1, "0");
  const fraction = digits.slice(-decimals).replace(/0+$/, "");
  return digits.slice(0, -decimals) + (fraction === "" ? "" : `.${fraction}`);
}

const SCALE: Readonly<Record<string, number>> = {
  "": 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
};

/**
 * Reads a size or a rate: `5 MiB`, `500k`, `1.5 MB/s`; a bare number is KiB, as clients of this kind have it.
 * @returns bytes; null when empty (no limit); undefined when it is neither.
 */
export function parseBytes(text: string): number | null | undefined {
  const wanted = text.trim().toLowerCase();
  if (wanted === "" || wanted === "∞") return null;
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kmgt]?)i?(b?))?(?:\/s)?$/.exec(wanted);
  if (match === null) return undefined;
  const [, value = "", prefix = "", unit = ""] = match;
  const scale = prefix === "" && unit === "" ? 1024 : (SCALE[prefix] ?? 1);
  return Math.round(Number(value) * scale);
}
