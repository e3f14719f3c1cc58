import type { Torrent } from "@shoal/engine";
import { toPlainText } from "../output/format.ts";
import type { Output } from "../output/output.ts";

/** What is said of one torrent: events carry its infohash, and messages its name where there are several. */
export type TorrentOutput = Pick<Output, "event" | "note" | "warn" | "paint">;

export function createTorrentOutput(
  torrent: Pick<Torrent, "infoHash" | "name">,
  output: TorrentOutput,
  { isAlone }: { readonly isAlone: boolean },
): TorrentOutput {
  const named = (line: string): string =>
    isAlone ? line : `${toPlainText(torrent.name)}: ${line}`;
  return {
    event: (type, fields) => output.event(type, { infoHash: torrent.infoHash, ...fields }),
    note: (line) => output.note(named(line)),
    warn: (line) => output.warn(named(line)),
    paint: (style, text) => output.paint(style, text),
  };
}
