import { InvalidArgumentError } from "commander";

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * A length of time: `90s`, `30m`, `2h`, `1h30m`, `7d`.
 * @returns milliseconds.
 * @throws {InvalidArgumentError} for anything else, also for a number without a unit.
 */
export function parseDuration(text: string): number {
  if (!/^(?:\d+(?:\.\d+)?[smhd])+$/i.test(text)) {
    throw new InvalidArgumentError("Expected a duration, such as 90s, 30m, 2h, 1h30m or 7d.");
  }
  return [...text.toLowerCase().matchAll(/([\d.]+)([smhd])/g)].reduce(
    (sum, [, number, unit]) => sum + Math.round(Number(number) * UNITS_MS[unit!]!),
    0,
  );
}
