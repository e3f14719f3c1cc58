type Headers = Readonly<Record<string, string>>;

/** Lists of tags may be as long as headers are; nobody keeps more versions than this of what never changes. */
const MAX_TAGS = 100;

/**
 * Whether a request's conditions (RFC 9110, 13) let it be carried out. Content never changes under its tag, so dates are not
 * compared: there are none.
 * @param tag Strong, with its quotes.
 */
export function judgeConditions(headers: Headers, tag: string): "go" | "not-modified" | "failed" {
  const match = headers["if-match"];
  if (match !== undefined && !names(match, tag, false)) return "failed";
  const noneMatch = headers["if-none-match"];
  return noneMatch !== undefined && names(noneMatch, tag, true) ? "not-modified" : "go";
}

/** Whether a `Range` is to be followed: `If-Range` says of which version a part is there already (RFC 9110, 13.1.5). */
export function mayFollowRange(headers: Headers, tag: string): boolean {
  const condition = headers["if-range"];
  return condition === undefined || condition.trim() === tag;
}

/** @param isWeak Whether a weak tag is as good, which it is where nothing is put together of parts. */
function names(list: string, tag: string, isWeak: boolean): boolean {
  if (list.trim() === "*") return true;
  return list
    .split(",", MAX_TAGS)
    .map((each) => each.trim())
    .some((each) => each === tag || (isWeak && each === `W/${tag}`));
}
