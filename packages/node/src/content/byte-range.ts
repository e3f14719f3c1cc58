/** Bytes of a representation: from the first one up to, but not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Longer ones are no single range that a client means. */
const MAX_HEADER_LENGTH = 100;
/** As many digits as a file's length can have, and one more. */
const SINGLE = /^bytes=[ \t]*(\d{0,17})[ \t]*-[ \t]*(\d{0,17})[ \t]*$/i;

/**
 * What a `Range` header asks for (RFC 9110, 14.1.2). Several ranges at once are answered with the whole, as the
 * standard allows: players ask for one at a time, and thousands of small ones are an attack.
 * @returns The range, cut to what is there; `whole` where there is no header or none that can be followed;
 * `unsatisfiable` where nothing of it is there (416).
 */
export function parseByteRange(
  header: string | undefined,
  lengthBytes: number,
): ByteRange | "whole" | "unsatisfiable" {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return "whole";
  const match = SINGLE.exec(header);
  if (match === null) return "whole";
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return "whole";
  if (first === "") {
    const suffix = Math.min(Number(last), lengthBytes);
    return suffix === 0 ? "unsatisfiable" : { start: lengthBytes - suffix, end: lengthBytes };
  }
  const start = Number(first);
  const end = last === "" ? lengthBytes : Math.min(Number(last) + 1, lengthBytes);
  if (last !== "" && Number(last) < start) return "whole";
  return start >= lengthBytes ? "unsatisfiable" : { start, end };
}
