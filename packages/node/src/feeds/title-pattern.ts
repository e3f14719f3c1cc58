/** What titles and patterns are compared as: case, width, and what stands between words do not count. */
export function normalTitle(title: string): string {
  return title
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\s._]+/g, " ")
    .trim();
}

/**
 * Whether a title is one that a pattern means. A pattern is words, all of which the title has, in any order: `some show 1080p`. `|` stands
 * between alternatives, `*` for any characters, `?` for one, and quotes hold words together. There are no regular
 * expressions: the time that a match takes is at most the product of the two lengths.
 * @param title Normal, see {@link normalTitle}.
 */
export function matchesPattern(title: string, pattern: string): boolean {
  return pattern.split("|").some((alternative) => {
    const words = [...alternative.matchAll(/"([^"]*)"|[^\s"]+/g)].map(([whole, quoted]) =>
      normalTitle(quoted ?? whole),
    );
    return words.length > 0 && words.every((word) => holdsGlob(title, word));
  });
}

/** Whether a glob matches some part of a text. */
function holdsGlob(text: string, glob: string): boolean {
  if (!/[*?]/.test(glob)) return text.includes(glob);
  return matchesGlob(text, `*${glob}*`);
}

/** Goes back to the last `*` alone: the earlier ones have matched as little as they could, which is never worse. */
function matchesGlob(text: string, glob: string): boolean {
  let [at, place] = [0, 0];
  let [star, resumeAt] = [-1, 0];
  while (at < text.length) {
    if (glob[place] === "*") {
      star = place++;
      resumeAt = at;
    } else if (place < glob.length && (glob[place] === "?" || glob[place] === text[at])) {
      at++;
      place++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++resumeAt;
    } else return false;
  }
  while (glob[place] === "*") place++;
  return place === glob.length;
}
