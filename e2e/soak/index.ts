// `npm run soak -- MINUTES`: what a session holds under bad packets of every kind, a line every ten seconds.
import { Scope } from "../../bench/clients/scope.ts";
import { medianOf, runSoak, type Sample } from "./run-soak.ts";

const minutes = Number(process.argv[2] ?? 30);
if (!(minutes > 0)) throw new RangeError("Expected a number of minutes.");
const scope = new Scope();
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1).padStart(7);
let count = 0;
try {
  const { samples, sent } = await runSoak(scope, minutes * 60_000, (sample) => {
    if (count++ % 10 === 0) process.stdout.write(`${describe(sample)}\n`);
  });
  const quarter = Math.floor(samples.length / 4);
  const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
  const live = (part: readonly Sample[]): string => mib(medianOf(part, (each) => each.liveBytes));
  process.stdout.write(`sent: ${JSON.stringify(sent)}\n`);
  process.stdout.write(
    `live: ${live(early)} MiB in the second quarter, ${live(late)} in the last\n`,
  );
  process.stdout.write(`${JSON.stringify(samples.at(-1), null, 2)}\n`);
} finally {
  await scope.close();
}

function describe({ liveBytes, rssBytes, handles, openConnections, peers }: Sample): string {
  return (
    `live ${mib(liveBytes)} MiB, rss ${mib(rssBytes)} MiB, ${handles} handles, ` +
    `${openConnections} of ${peers.connected} connections`
  );
}
