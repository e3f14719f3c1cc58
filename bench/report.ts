import { type FigureName, FIGURES, type Result, type Spread } from "./contest.ts";

/** The results as one table in Markdown: a line for each side, and one for the ratio. */
export function formatTable(results: readonly Result[]): string {
  const names = (Object.keys(FIGURES) as FigureName[]).filter((name) =>
    results.some((result) => result.figures[name] !== undefined),
  );
  const rows = results.flatMap((result) => formatResult(result, names));
  const header = ["", "", ...names.map((name) => FIGURES[name].label)];
  return [header, header.map((_, index) => (index < 2 ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** The rows of one result: ours, the other's, and the median of the rounds' ratios. */
export function formatResult(result: Result, names: readonly FigureName[]): string[][] {
  const { title, ours, other, figures, failure } = result;
  if (failure !== undefined) return [[title, failure, ...names.map(() => "")]];
  const cells = (side: "ours" | "other"): string[] =>
    names.map((name) => formatSpread(figures[name]?.[side], FIGURES[name].digits));
  const rows = [[title, ours, ...cells("ours")]];
  if (other === null) return rows;
  const ratios = names.map((name) => {
    const ratio = figures[name]?.ratio;
    return ratio === undefined || ratio === null ? "" : `**${ratio.median.toFixed(2)}**`;
  });
  return [...rows, ["", other, ...cells("other")], ["", "ratio", ...ratios]];
}

function formatSpread(spread: Spread | null | undefined, digits: number): string {
  if (spread === undefined || spread === null) return "";
  const [median, min, max] = [spread.median, spread.min, spread.max].map((value) =>
    value.toFixed(digits),
  );
  return min === max ? `${median}` : `${median} (${min}-${max})`;
}
