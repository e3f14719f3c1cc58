/**
 * Reads imports and names out of TypeScript text without parsing it. Comments are dropped first; the
 * contents of plain strings are dropped too where names are looked for. It errs on a line at most:
 * a quote within a regular expression literal ends with the line it stands on.
 */

const COMMENTS_AND_STRINGS =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;

/** The text without comments. */
export function withoutComments(text: string): string {
  return text.replace(COMMENTS_AND_STRINGS, (match) =>
    match.startsWith("/*") || match.startsWith("//") ? " " : match,
  );
}

/** The text without comments and without what stands between quotes; templates stay. */
export function withoutStrings(text: string): string {
  return text.replace(COMMENTS_AND_STRINGS, (match) => {
    if (match.startsWith("`")) return match;
    return match.startsWith("/") ? " " : '""';
  });
}

/** Every module that the text imports, re-exports, loads on demand or names by `new URL`. */
export function importsOf(text: string): string[] {
  const forms = [
    /\b(?:import|export)\s[^;"'`]*?\bfrom\s*["']([^"'\\]+)["']/g,
    /\bimport\s*["']([^"'\\]+)["']/g,
    /\bimport\s*\(\s*["']([^"'\\]+)["']/g,
    /\bimport\.meta\.resolve\(\s*["']([^"'\\]+)["']/g,
    /\bnew URL\(\s*["'](\.[^"']*)["']\s*,\s*import\.meta\.url/g,
  ];
  const code = withoutComments(text);
  return forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] ?? ""));
}
