import { normalTitle } from "./title-pattern.ts";

/** One episode of a series, as a title names it. */
export interface Episode {
  /** The series, normal: what stands before the episode. */
  readonly show: string;
  /** `s01e02`, `2026-11-25`, or `e002` where only a number is given. */
  readonly number: string;
  /** A better release of one that there was already. */
  readonly isRepair: boolean;
}

/** Each with the series before it and one or more numbers; the first that fits is taken. */
const FORMS: readonly [RegExp, (numbers: readonly string[]) => string][] = [
  [/\bs(\d{1,2}) ?e(\d{1,4})(?: ?-? ?e(\d{1,4}))?/, ([s, e, last]) => seasonal(s!, e!, last)],
  [/\b(\d{1,2})x(\d{2,3})\b/, ([s, e]) => seasonal(s!, e!, undefined)],
  [/\bseason (\d{1,2}) episode (\d{1,4})\b/, ([s, e]) => seasonal(s!, e!, undefined)],
  [/\b((?:19|20)\d\d)[ -](0[1-9]|1[0-2])[ -](0[1-9]|[12]\d|3[01])\b/, (date) => date.join("-")],
  [/(?: -|[[(])? ?第? ?(\d{1,3})話/, ([e]) => `e${e!.padStart(3, "0")}`],
  [/ - (\d{2,4})(?:v\d)?(?= |$)/, ([e]) => `e${e!.padStart(3, "0")}`],
];

/** @returns Null when the title names no episode. */
export function parseEpisode(title: string): Episode | null {
  const text = normalTitle(title);
  for (const [form, format] of FORMS) {
    const match = form.exec(text);
    if (match === null) continue;
    const show = text
      .slice(0, match.index)
      .replace(/^\[[^\]]*\]/, "")
      .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
      .trim();
    if (show === "") continue;
    const numbers = match.slice(1).filter((each) => each !== undefined);
    const isRepair = /\b(?:proper|repack|rerip)\b| - \d{2,4}v[2-9]/.test(text);
    return { show, number: format(numbers), isRepair };
  }
  return null;
}

function seasonal(season: string, episode: string, last: string | undefined): string {
  const [s, e] = [season.padStart(2, "0"), episode.padStart(2, "0")];
  return last === undefined ? `s${s}e${e}` : `s${s}e${e}-e${last.padStart(2, "0")}`;
}
