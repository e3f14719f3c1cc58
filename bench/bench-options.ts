import { parseArgs } from "node:util";

export interface BenchOptions {
  /** Names of areas; all when empty. */
  readonly areas: readonly string[];
  readonly rounds: number;
  readonly sizeBytes: number;
  /** Runs only contests whose title holds one of these; all when empty. */
  readonly only: readonly string[];
  /** Where the results go as JSON. */
  readonly json: string | null;
}

export const USAGE = `npm run bench -- [AREA]... [--rounds N] [--size MiB] [--only TEXT]... [--json FILE]`;

/** @throws {TypeError|RangeError} when the command line is wrong. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "5" },
      size: { type: "string", default: "2048" },
      only: { type: "string", multiple: true, default: [] },
      json: { type: "string" },
    },
  });
  return {
    areas: positionals,
    rounds: parseCount("rounds", values.rounds),
    sizeBytes: parseCount("size", values.size) * 2 ** 20,
    only: values.only,
    json: values.json ?? null,
  };
}

function parseCount(name: string, text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`--${name} ${text}: expected a whole number from 1`);
  }
  return count;
}
