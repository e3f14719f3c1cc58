import { InvalidArgumentError } from "commander";

const FACTORS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/**
 * Bytes, or bytes per second: `65536`, `500K`, `2M`, `1.5MiB`. K, M and G are powers of 1024.
 * @throws {InvalidArgumentError} for anything else, and for less than one byte.
 */
export function parseBytes(text: string): number {
  const [, number = "", unit = ""] =
    /^(\d+(?:\.\d+)?)\s*([KMG]?)(?:i?B)?(?:\/s)?$/i.exec(text) ?? [];
  const bytes = Math.round(Number(number) * (FACTORS[unit.toUpperCase()] ?? Number.NaN));
  if (number === "" || !Number.isSafeInteger(bytes) || bytes < 1) {
    throw new InvalidArgumentError("Expected bytes, such as 65536, 500K, 2M or 1.5MiB.");
  }
  return bytes;
}
