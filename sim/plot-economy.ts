import { readFileSync, writeFileSync } from "node:fs";
import { drawPlot } from "./svg-plot.ts";

/** A line that `npm run sim -- economy --json` printed. */
interface Run {
  readonly peers: number;
  readonly figures: {
    /** In parts of the reserve price. */
    readonly bids: readonly number[];
    readonly kibPerSecond: readonly number[];
  };
}

const COLOURS = ["#1b6ca8", "#c8553d", "#2a9d5c", "#8e5ea2"];

/** Draws what speed each bid bought. */
export function plotEconomy(runs: readonly Run[]): string {
  const bids = Math.max(...runs.flatMap(({ figures }) => figures.bids));
  const speeds = Math.max(...runs.flatMap(({ figures }) => figures.kibPerSecond));
  return drawPlot({
    title: "What a bid buys",
    x: { label: "bid, times the reserve price; 0 pays nothing", most: bids },
    y: { label: "speed in the middle, KiB/s", most: Math.ceil(speeds / 10) * 10 },
    curves: runs.map(({ peers, figures }, index) => ({
      label: `${peers} peers`,
      colour: COLOURS[index % COLOURS.length]!,
      points: figures.bids.map((bid, at) => [bid, figures.kibPerSecond[at] ?? 0] as const),
    })),
  });
}

/** Called as `node sim/plot-economy.ts RUNS.ndjson OUT.svg`. */
if (import.meta.main) {
  const [from, to] = process.argv.slice(2);
  if (from === undefined || to === undefined) throw new TypeError("Expected RUNS.ndjson OUT.svg");
  const lines = readFileSync(from, "utf8").split("\n").filter(Boolean);
  writeFileSync(to, plotEconomy(lines.map((line) => JSON.parse(line) as Run)));
}
