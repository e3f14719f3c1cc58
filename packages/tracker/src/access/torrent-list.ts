import { TrackerListError } from "../errors.ts";

/** Infohashes as lower-case hex of 20 bytes. */
export type TorrentList = ReadonlySet<string>;

/**
 * Reads a list of torrents: one infohash a line in hex, v1 of 40 digits or v2 of 64 (of which the
 * first 40 count, as on the wire); `#` begins a remark.
 * @throws {TrackerListError} that names the line.
 */
export function parseTorrentList(text: string): TorrentList {
  const list = new Set<string>();
  for (const { content, line } of linesOf(text)) {
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(content)) {
      throw new TrackerListError("bad-line", line, `expected an infohash of 40 or 64 hex digits`);
    }
    list.add(content.slice(0, 40).toLowerCase());
  }
  return list;
}

/** The lines that say something, counted from 1. */
export function* linesOf(text: string): Generator<{ content: string; line: number }> {
  for (const [index, raw] of text.split("\n").entries()) {
    const content = raw.replace(/#.*/, "").trim();
    if (content !== "") yield { content, line: index + 1 };
  }
}
