import { InvalidArgumentError } from "commander";

/**
 * A ratio of uploaded to downloaded bytes: `1`, `2.5`, `0`.
 * @throws {InvalidArgumentError} for anything else.
 */
export function parseRatio(text: string): number {
  if (/^\d{1,6}(?:\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a ratio, such as 1 or 2.5.");
}
