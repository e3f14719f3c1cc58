import {
  formatBytes,
  formatDuration,
  formatPercent,
  formatRate,
  toPlainText,
} from "../output/format.ts";
import { formatTable } from "../output/format-table.ts";
import type { TorrentSummary } from "./select-torrents.ts";

const COLUMNS = [
  { title: "HASH" },
  { title: "STATE" },
  { title: "DONE", align: "right" },
  { title: "SIZE", align: "right" },
  { title: "DOWN", align: "right" },
  { title: "UP", align: "right" },
  { title: "RATIO", align: "right" },
  { title: "LEFT", align: "right" },
  { title: "NAME" },
] as const;

/** Torrents as a table, a line each below its titles. */
export function torrentLines(torrents: readonly TorrentSummary[]): string[] {
  return formatTable(
    COLUMNS,
    torrents.map((torrent) => [
      torrent.infoHash.slice(0, 8),
      torrent.state,
      formatPercent(torrent.progress),
      formatBytes(torrent.sizeBytes),
      torrent.downloadRate > 0 ? formatRate(torrent.downloadRate) : "",
      torrent.uploadRate > 0 ? formatRate(torrent.uploadRate) : "",
      torrent.ratio.toFixed(2),
      torrent.etaS === null ? "" : formatDuration(torrent.etaS),
      toPlainText(torrent.name),
    ]),
  );
}
