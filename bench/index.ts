import { writeFile } from "node:fs/promises";
import { type BenchOptions, parseBenchOptions, USAGE } from "./bench-options.ts";
import { Scope } from "./clients/scope.ts";
import { listChainContests } from "./chain/chain-contests.ts";
import { type Contest, type Result, runContest } from "./contest.ts";
import { listEngineContests } from "./engine/contests.ts";
import { describeMachine } from "./machine.ts";
import { takeTurn } from "./machine-turn.ts";
import { listNodeContests } from "./node/node-contests.ts";
import { formatTable } from "./report.ts";
import { listSpeedContests } from "./speed/speed-contests.ts";
import { listUdpAnnounceContests } from "./tracker/udp-announces.ts";
import { listWebContests } from "./web/web-contests.ts";

/** What can be measured, by area. A listing may make files that live as long as its scope. */
const AREAS: Readonly<
  Record<string, (options: BenchOptions, scope: Scope) => Promise<readonly Contest[]>>
> = {
  engine: listEngineContests,
  tracker: listUdpAnnounceContests,
  chain: listChainContests,
  speed: listSpeedContests,
  node: listNodeContests,
  web: listWebContests,
};

async function main(): Promise<void> {
  const options = parseBenchOptions(process.argv.slice(2));
  const areas = options.areas.length === 0 ? Object.keys(AREAS) : options.areas;
  const unknown = areas.find((area) => !Object.hasOwn(AREAS, area));
  if (unknown !== undefined) {
    throw new RangeError(`no area ${unknown}; there is ${Object.keys(AREAS).join(", ")}`);
  }
  const machine = describeMachine();
  console.error(JSON.stringify(machine));
  const results: Result[] = [];
  const scope = new Scope();
  try {
    for (const area of areas) {
      const contests = (await AREAS[area]!(options, scope)).filter(({ title }) =>
        isChosen(title, options),
      );
      for (const contest of contests) {
        console.error(`${area}: ${contest.title}`);
        const endTurn = await takeTurn();
        const result = await runContest(contest, options.rounds)
          .catch((error: unknown) => failed(contest, error))
          .finally(endTurn);
        results.push(result);
        console.error(formatTable([result]));
        await save(options, { machine, results });
      }
    }
  } finally {
    await scope.close();
  }
  console.log(formatTable(results));
}

function isChosen(title: string, { only }: BenchOptions): boolean {
  return only.length === 0 || only.some((text) => title.includes(text));
}

/** A client that fails is a row of its own: the others are still worth their figures. */
function failed({ title, ours, other }: Contest, error: unknown): Result {
  console.error(error);
  process.exitCode = 1;
  const failure = `failed: ${(error as Error).message.split("\n")[0]}`;
  return { title, ours: ours.name, other: other?.name ?? null, rounds: 0, failure, figures: {} };
}

async function save({ json }: BenchOptions, report: object): Promise<void> {
  if (json !== null) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
}

await main().catch((error: unknown) => {
  console.error(`bench: ${(error as Error).message}\n${USAGE}`);
  process.exitCode = 2;
});
