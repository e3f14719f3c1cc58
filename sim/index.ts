import { runScenario } from "./run-scenario.ts";
import type { Figures } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { parseSimOptions, USAGE } from "./sim-options.ts";

/** Plays the chosen scenarios, each in its world. @returns how many broke their promise. */
async function main(): Promise<number> {
  const options = parseSimOptions(process.argv.slice(2));
  const names =
    options.scenarios.length === 0 ? SCENARIOS.map(({ name }) => name) : options.scenarios;
  let broken = 0;
  const seeds = Array.from({ length: options.runs }, (_, run) =>
    options.runs === 1 ? options.seed : String(Number(options.seed) + run),
  );
  for (const [name, seed] of names.flatMap((name) => seeds.map((seed) => [name, seed] as const))) {
    const scenario = SCENARIOS.find((each) => each.name === name);
    if (scenario === undefined) {
      throw new RangeError(
        `no scenario ${name}; there is ${SCENARIOS.map((s) => s.name).join(", ")}`,
      );
    }
    const peers = options.peers ?? (options.small ? scenario.peers.small : scenario.peers.full);
    if (!options.json) console.log(`${name}, ${peers} peers, seed ${seed}: ${scenario.promise}`);
    const startMs = performance.now();
    try {
      const figures = await runScenario(scenario, { seed, peers });
      const tookS = (performance.now() - startMs) / 1000;
      const memoryMib = process.resourceUsage().maxRSS / 1024;
      if (options.json) console.log(JSON.stringify({ scenario: name, peers, seed, figures }));
      else
        console.log(describe(figures), `\n  (${tookS.toFixed(1)} s, ${memoryMib.toFixed(0)} MiB)`);
    } catch (error) {
      broken++;
      console.error(`${name} with ${peers} peers and seed ${seed}:`, error);
    }
  }
  return broken;
}

function describe(figures: Figures): string {
  return Object.entries(figures)
    .filter((entry): entry is [string, number] => typeof entry[1] === "number")
    .map(([name, value]) => `  ${name} ${Number(value.toPrecision(4))}`)
    .join("\n");
}

try {
  process.exitCode = (await main()) === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 2;
}
