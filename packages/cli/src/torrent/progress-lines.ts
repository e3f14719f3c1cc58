import type { Torrent, TorrentStatus } from "@shoal/engine";
import {
  formatBar,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  toPlainText,
} from "../output/format.ts";

/** Leaves room for the number of peers on a line of 80 columns. */
const BAR_WIDTH = 12;

/** Who sends: peers, and web seeds where the torrent has any that are at work. */
export function sourcesOf(torrent: Torrent): string {
  const peers = formatCount(torrent.status().connectedPeers, "peer");
  const active = torrent.webSeeds().filter(({ state }) => state === "active").length;
  return active === 0 ? peers : `${peers}, ${formatCount(active, "web seed")}`;
}

/** The line that is drawn over on a terminal. */
export function progressLine(status: TorrentStatus, peers: string): string {
  const { state, checked, verifiedBytes, wantedBytes, uploadRate, uploadedBytes } = status;
  switch (state) {
    case "metadata":
      return `fetching metadata  ${peers}${slowText(status)}`;
    case "checking":
      return `checking     ${formatBar(checked, BAR_WIDTH)} ${formatPercent(checked)}`;
    case "seeding":
      return `seeding      up ${formatRate(uploadRate)}  ${formatBytes(uploadedBytes)} sent  ${peers}`;
    default: {
      const done = wantedBytes === 0 ? 0 : verifiedBytes / wantedBytes;
      const eta = status.etaS === null ? "" : `  ${formatDuration(Math.ceil(status.etaS))} left`;
      return (
        `${state.padEnd(11)}  ${formatBar(done, BAR_WIDTH)} ${formatPercent(done)} of ${formatBytes(wantedBytes)}` +
        `  ${formatRate(status.downloadRate)}${eta}  ${peers}${slowText(status)}`
      );
    }
  }
}

/** The line that is written now and then where nothing can be drawn over. */
export function plainLine(status: TorrentStatus, peers: string): string {
  const { state, checked, verifiedBytes, wantedBytes } = status;
  if (state === "checking") return `checking: ${formatPercent(checked)}`;
  if (state === "metadata") return `fetching metadata: ${peers}`;
  const up = `up ${formatRate(status.uploadRate)}, ${formatBytes(status.uploadedBytes)} sent, ${peers}`;
  if (state === "seeding") return `seeding: ${up}`;
  const done = wantedBytes === 0 ? 0 : verifiedBytes / wantedBytes;
  return (
    `${state}: ${formatPercent(done)} of ${formatBytes(wantedBytes)}, ` +
    `down ${formatRate(status.downloadRate)}, ${up}`
  );
}

export function slowText({ slow }: TorrentStatus): string {
  return slow === null ? "" : `  (${toPlainText(slow.text)})`;
}
