import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ChurnFigures, LookupFigures } from "../packages/dht/src/simulation/measure-churn.ts";
import { measureChurn } from "../packages/dht/src/simulation/measure-churn.ts";
import { createWorld } from "../packages/runtime/src/sim/index.ts";
import { root } from "./pinned-node.mjs";

/** Writes docs/simulation-dht.md. Arguments: the number of nodes, 10,000 by default, and the seed. */
const NODES = Number(process.argv[2] ?? 10_000);
const SEED = Number(process.argv[3] ?? 1);
const SHARE = 0.3;
const DURATION_MS = 10 * 60_000;
const LOOKUPS = 300;

const world = createWorld({ seed: SEED });
const figures = await measureChurn(world, {
  nodes: NODES,
  share: SHARE,
  durationMs: DURATION_MS,
  lookups: LOOKUPS,
  joinsPerSecond: Math.max(20, NODES / 100),
  onPhase: (phase) => console.error(`${phase} at ${Math.round(world.timeMs / 1000)} s`),
});
const path = join(root, "docs/simulation-dht.md");
writeFileSync(path, describe(figures));
console.error(`written: ${path}`);

function describe({ calm, churn, collapse, ...all }: ChurnFigures): string {
  const count = all.nodes.toLocaleString("en");
  return `# The DHT, simulated

${count} nodes of \`@shoal/dht\`, the very code that runs on real sockets, in the simulated network of
\`@shoal/runtime/sim\`: each at a public address of its own, in a /24 of its own, with an ID that belongs to it
(BEP 42), 10 to 69 ms from the middle of the network (so 20 to 138 ms from each other). Nodes come in one after the
other, each by one that is there already. ${LOOKUPS} torrents are announced once, and looked for in three
phases by nodes taken by chance:

- **calm**: nobody leaves;
- **churn**: within ${DURATION_MS / 60_000} minutes ${SHARE * 100} % of the nodes vanish without a word, and as many new ones come;
- **collapse**: another ${SHARE * 100} % vanish at one moment, and the look-ups start at that moment.

Nobody announces again, so what is found was stored at the beginning.

| | calm | churn | collapse |
|---|---|---|---|
${row("found", [calm, churn, collapse], ({ found, lookups }) => `${found} of ${lookups}`)}
${row("steps to the closest node, mean", [calm, churn, collapse], ({ meanHops }) => meanHops.toFixed(2))}
${row("queries of a look-up, mean", [calm, churn, collapse], ({ meanQueries }) => meanQueries.toFixed(1))}
${row("of them answered", [calm, churn, collapse], ({ answeredShare }) => `${(answeredShare * 100).toFixed(1)} %`)}
${row("time of a look-up, median", [calm, churn, collapse], ({ medianMs }) => `${Math.round(medianMs)} ms`)}
${row("time of a look-up, 95th of 100", [calm, churn, collapse], ({ slowestTwentiethMs }) => `${Math.round(slowestTwentiethMs)} ms`)}

The median node knows ${all.medianTableSize} others. While nodes come and go, a node sends ${all.datagramsPerNodeMinute.toFixed(1)} datagrams and
${Math.round(all.bytesPerNodeMinute).toLocaleString("en")} bytes a minute, answers, upkeep and look-ups together.

\`npm run simulate:dht\` writes this page (seed ${world.seed}; the same seed gives the same figures). A network of some
hundred nodes goes through the same phases in \`npm test\`.
`;
}

function row(
  title: string,
  phases: readonly LookupFigures[],
  show: (figures: LookupFigures) => string,
): string {
  return `| ${title} | ${phases.map(show).join(" | ")} |`;
}
