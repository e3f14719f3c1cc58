import type { Problem } from "@shoal/api/client";
import type { ProblemWords } from "./problem-words.ts";
import type { Catalogue } from "./words.ts";

/** A problem in the page's language; in the daemon's own words where the page has none for it. */
export function describeProblem(
  { code, reason, values = {}, message, details = [] }: Problem,
  say: Pick<Catalogue, "problems">,
): string {
  const sentence = wordsFor(say, reason) ?? wordsFor(say, code);
  if (sentence !== undefined) {
    const places = details.map(({ path }) => path.replace(/^(?:body|query|path)\./, "")).join(", ");
    return places === "" ? sentence(values) : `${sentence(values)} (${places})`;
  }
  const more = details.map(({ path, message: text }) => `${path}: ${text}`).join("; ");
  return more === "" || details.length === 1 ? message : `${message} (${more})`;
}

/** The same for what has a code alone. @param text What the daemon says of it. */
export function describeCode(
  code: string | null,
  text: string,
  say: Pick<Catalogue, "problems">,
): string {
  return (code === null ? undefined : wordsFor(say, code))?.({}) ?? text;
}

function wordsFor(
  { problems }: Pick<Catalogue, "problems">,
  code: string | undefined,
): ProblemWords[keyof ProblemWords] | undefined {
  if (problems === null || code === undefined || !Object.hasOwn(problems, code)) return undefined;
  return problems[code as keyof ProblemWords];
}
