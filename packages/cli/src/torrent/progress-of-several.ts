import type { TorrentStatus } from "@shoal/engine";
import {
  formatBar,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  toPlainText,
} from "../output/format.ts";
import { slowText } from "./progress-lines.ts";

/** A block of more lines would not fit on a terminal of 24 with what stands above it. */
const MAX_LINES = 16;
const NAME_WIDTH = 24;
const BAR_WIDTH = 12;

/** One of several torrents, as it is shown. */
export interface ShownTorrent {
  readonly name: string;
  readonly status: TorrentStatus;
  /** `3 peers`. */
  readonly sources: string;
}

/**
 * A line for each torrent, in the order in which they were named, and one for all of them together. Of many
 * torrents those are shown that have work to do, and the others are counted.
 */
export function linesOfSeveral(torrents: readonly ShownTorrent[]): string[] {
  const chosen = new Set(
    torrents.toSorted((a, b) => rankOf(a.status) - rankOf(b.status)).slice(0, MAX_LINES),
  );
  const lines = torrents
    .filter((torrent) => chosen.has(torrent))
    .map(({ name, status, sources }) => `${fitName(name)}  ${lineOfOne(status, sources)}`);
  const others = torrents.filter((torrent) => !chosen.has(torrent));
  if (others.length > 0) lines.push(`and ${others.length} more: ${countStates(others)}`);
  return [...lines, totalLine(torrents)];
}

/** Nothing that was wanted is missing. */
export function isDone({ wantedBytes, verifiedBytes, pieceCount }: TorrentStatus): boolean {
  return pieceCount > 0 && verifiedBytes === wantedBytes;
}

function rankOf(status: TorrentStatus): number {
  const ranks: Readonly<Record<string, number>> = {
    downloading: 0,
    metadata: 1,
    checking: 1,
    seeding: status.uploadRate > 0 ? 2 : 3,
    error: 2,
    queued: 4,
  };
  return ranks[status.state] ?? 5;
}

function stateOf(status: TorrentStatus): string {
  const { state } = status;
  if (state === "error") return "failed";
  if (state === "queued") return "waits for its turn";
  return (state === "paused" || state === "closed") && isDone(status) ? "done" : state;
}

function lineOfOne(status: TorrentStatus, sources: string): string {
  const { state, wantedBytes, verifiedBytes } = status;
  if (state === "metadata") return `fetching metadata  ${sources}${slowText(status)}`;
  if (state === "checking") return `checking ${formatPercent(status.checked)}`;
  if (state === "seeding") {
    const sent = `${formatBytes(status.uploadedBytes)} sent`;
    return `seeding  up ${formatRate(status.uploadRate)}  ${sent}  ${sources}`;
  }
  if (state !== "downloading") return stateOf(status);
  const done = wantedBytes === 0 ? 0 : verifiedBytes / wantedBytes;
  const eta = status.etaS === null ? "" : `  ${formatDuration(Math.ceil(status.etaS))} left`;
  return (
    `${formatPercent(done)} of ${formatBytes(wantedBytes)}  ${formatRate(status.downloadRate)}${eta}` +
    `  ${sources}${slowText(status)}`
  );
}

function totalLine(torrents: readonly ShownTorrent[]): string {
  const sum = (of: (status: TorrentStatus) => number): number =>
    torrents.reduce((total, { status }) => total + of(status), 0);
  const wantedBytes = sum((status) => status.wantedBytes);
  const done = wantedBytes === 0 ? 0 : sum((status) => status.verifiedBytes) / wantedBytes;
  const doneCount = torrents.filter(({ status }) => isDone(status)).length;
  return (
    `total: ${doneCount} of ${formatCount(torrents.length, "torrent")}  ${formatBar(done, BAR_WIDTH)} ` +
    `${formatPercent(done)} of ${formatBytes(wantedBytes)}  ` +
    `down ${formatRate(sum((status) => status.downloadRate))}  up ${formatRate(sum((status) => status.uploadRate))}`
  );
}

/** `3 done, 2 waiting`. */
function countStates(torrents: readonly ShownTorrent[]): string {
  const counts = new Map<string, number>();
  for (const { status } of torrents) {
    const state = status.state === "queued" ? "waiting" : stateOf(status);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
}

function fitName(name: string): string {
  const characters = Array.from(toPlainText(name));
  return characters.length <= NAME_WIDTH
    ? characters.join("").padEnd(NAME_WIDTH)
    : `${characters.slice(0, NAME_WIDTH - 1).join("")}…`;
}
