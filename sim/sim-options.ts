import { parseArgs } from "node:util";

export const USAGE = `npm run sim -- [SCENARIO]... [--seed N] [--runs N] [--peers N] [--small] [--json]

  SCENARIO   which to play; all when none is named
  --seed N   all chance comes from it; 1 when absent
  --runs N   as many seeds, from the one given on
  --peers N  how many peers; each scenario's full size when absent
  --small    the sizes of npm test
  --json     one JSON object for each scenario, on a line`;

export interface SimOptions {
  readonly scenarios: readonly string[];
  readonly seed: string;
  readonly runs: number;
  readonly peers: number | null;
  readonly small: boolean;
  readonly json: boolean;
}

/** @throws {TypeError} for options that there are not; {RangeError} for a number of peers that is none. */
export function parseSimOptions(args: readonly string[]): SimOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: "string", default: "1" },
      runs: { type: "string", default: "1" },
      peers: { type: "string" },
      small: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const peers = values.peers === undefined ? null : Number(values.peers);
  if (peers !== null && !(Number.isInteger(peers) && peers > 0)) {
    throw new RangeError(`--peers takes a whole number above 0, not ${values.peers}`);
  }
  const { seed, small, json } = values;
  const runs = Number(values.runs);
  const areSeedsNumbers = runs === 1 || Number.isInteger(Number(seed));
  if (!(Number.isInteger(runs) && runs > 0 && areSeedsNumbers)) {
    throw new RangeError(`--runs takes a whole number above 0, and a seed that is one`);
  }
  return { scenarios: positionals, seed, runs, peers, small, json };
}
