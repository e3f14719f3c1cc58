/**
 * What does not show, or shows other text than there is: control and formatting characters (bidirectional ones among
 * them), halves of surrogate pairs, and letters that are drawn as nothing. Line breaks and tabs are shown as they are.
 */
const UNSEEN = /(?![\n\t])[\p{C}\u034f\u115f\u1160\u17b4\u17b5\u2028\u2029\u3164\uffa0]/gu;

/** Text of somebody who may want to mislead, with what would not be seen in it written out, such as `⟨U+202E⟩`. */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (unseen) => {
    const code = unseen.codePointAt(0) ?? 0;
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}
