/**
 * Which names a file system takes.
 * - `portable`: every system's, Windows included: neither `<>:"|?*`, nor names like `AUX`, nor dots or
 *   spaces at the end.
 * - `posix`: all but separators and what hides or misleads, so that files already on such a system keep
 *   their names.
 */
export type FileNameRules = "portable" | "posix";

/** Bytes of UTF-8 in a component: file systems take 255, less what suffixes like `.part` need. */
export const MAX_NAME_BYTES = 240;
/** Longer endings after the last dot are not taken for an extension that is worth keeping. */
const MAX_EXTENSION_BYTES = 16;

/**
 * Separators; control characters and line separators; marks that change the direction of text and so
 * disguise a name; characters of no width, which make two names look alike; and bytes that were no UTF-8.
 */
const MISLEADING = new RegExp(
  "[/\\\\\\p{Cc}\\p{Zl}\\p{Zp}\\p{Cs}\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e" +
    "\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\ufffd\\u{e0000}-\\u{e007f}]",
  "gu",
);
const NOT_ON_WINDOWS = /[<>:"|?*]/g;
/** Devices of Windows, with or without an extension. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)/i;

/**
 * One path component made safe: characters that may not be are replaced by `_`, and what is too long is
 * shortened, keeping the extension.
 * @returns null for components that name no file: empty, `.` and `..`.
 */
export function safeName(raw: string, rules: FileNameRules): string | null {
  if (raw === "" || raw === "." || raw === "..") return null;
  let name = raw.replaceAll(MISLEADING, "_");
  if (rules === "posix") return shorten(name, "");
  name = withoutTail(name.replaceAll(NOT_ON_WINDOWS, "_"));
  if (RESERVED.test(name)) name = `_${name}`;
  return withoutTail(shorten(name, ""));
}

/** The name with a number before its extension: `film.mkv` becomes `film.2.mkv`. */
export function numberedName(name: string, number: number): string {
  return shorten(name, `.${number}`);
}

/** `name` with `suffix` before its extension, in at most {@link MAX_NAME_BYTES}. */
function shorten(name: string, suffix: string): string {
  const dot = name.lastIndexOf(".");
  const hasExtension = dot > 0 && Buffer.byteLength(name.slice(dot)) <= MAX_EXTENSION_BYTES;
  const extension = hasExtension ? name.slice(dot) : "";
  const stem = Buffer.from(hasExtension ? name.slice(0, dot) : name, "utf8");
  let end = Math.min(stem.length, MAX_NAME_BYTES - Buffer.byteLength(suffix + extension));
  // Back to the start of a character: continuation bytes are 10xxxxxx.
  while (end < stem.length && ((stem[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return stem.toString("utf8", 0, end) + suffix + extension;
}

/** Windows drops dots and spaces from the end of a name. */
function withoutTail(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === "." || name[end - 1] === " ")) end -= 1;
  return end === 0 ? "_" : name.slice(0, end);
}
