import { readFileSync, writeFileSync } from "node:fs";
import { type Curve, drawPlot } from "./svg-plot.ts";

/** A line that `npm run sim -- flash-crowd --json` printed. */
interface Run {
  readonly peers: number;
  readonly figures: {
    readonly fluidBoundS: number;
    readonly pieceBoundS: number;
    readonly completionTimesS: readonly number[];
  };
}

const COLOURS = ["#1b6ca8", "#c8553d", "#2a9d5c", "#8e5ea2"];

/** Draws what part of each crowd is complete over time, beside the bounds of the largest. */
export function plotCrowds(runs: readonly Run[]): string {
  const largest = runs.reduce((most, run) => (run.peers > most.peers ? run : most));
  const { fluidBoundS, pieceBoundS } = largest.figures;
  const lastS = Math.max(...runs.map(({ figures }) => figures.completionTimesS.at(-1) ?? 0));
  const curves: Curve[] = runs.map(({ peers, figures }, index) => ({
    label: `${peers} peers`,
    colour: COLOURS[index % COLOURS.length]!,
    points: [
      [0, 0],
      ...figures.completionTimesS.map(
        (timeS, done) => [timeS, ((done + 1) / peers) * 100] as const,
      ),
    ],
  }));
  const bound = (label: string, atS: number, colour: string): Curve => ({
    label,
    colour,
    points: [
      [atS, 0],
      [atS, 100],
    ],
    isDashed: true,
  });
  curves.push(
    bound("bound, were data a fluid", fluidBoundS, "#555"),
    bound(`bound in whole pieces, ${largest.peers} peers`, pieceBoundS, "#999"),
  );
  return drawPlot({
    title: "Crowds that come at once to one seeder: who is complete",
    x: { label: "seconds", most: Math.ceil(lastS / 25) * 25 },
    y: { label: "complete, %", most: 100 },
    curves,
  });
}

/** Called as `node sim/plot-crowds.ts RUNS.ndjson OUT.svg`. */
if (import.meta.main) {
  const [from, to] = process.argv.slice(2);
  if (from === undefined || to === undefined) throw new TypeError("Expected RUNS.ndjson OUT.svg");
  const lines = readFileSync(from, "utf8").split("\n").filter(Boolean);
  writeFileSync(to, plotCrowds(lines.map((line) => JSON.parse(line) as Run)));
}
