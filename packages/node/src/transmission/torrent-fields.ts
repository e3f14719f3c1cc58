import type { Settings } from "@shoal/api";
import type { Summary, TorrentView } from "../remote/torrent-view.ts";
import { describeFiles, describeFileStats, toTriState } from "./file-fields.ts";
import type { Memories } from "./memories.ts";
import type { Dialect } from "./names.ts";
import { countSources, describePeers } from "./peer-fields.ts";
import type { TorrentIds } from "./torrent-ids.ts";
import { describeTrackers, describeTrackerStats, formatTrackerList } from "./tracker-fields.ts";

/** What fields are computed from, beside the torrent itself. */
export interface FieldContext {
  readonly dialect: Dialect;
  readonly ids: TorrentIds;
  readonly memories: Memories;
  readonly settings: Settings;
  readonly nowMs: number;
  readonly tagsOf: (infoHash: string) => readonly string[];
}

type Field = (view: TorrentView, context: FieldContext) => unknown;

/** Torrent states as numbers. @see docs/rpc-spec.md, `status` */
export const STATUS = {
  stopped: 0,
  checkWaiting: 1,
  checking: 2,
  downloadWaiting: 3,
  downloading: 4,
  seedWaiting: 5,
  seeding: 6,
} as const;

/** `error`: nothing, or something on this machine. What trackers say is in `tracker_stats`. */
const ERROR = { none: 0, local: 3 } as const;
/** `eta`: there is none, or nobody can say. */
const ETA = { none: -1, unknown: -2 } as const;
/** `seed_ratio_mode` and `seed_idle_mode`. */
export const LIMIT_MODE = { session: 0, own: 1, unlimited: 2 } as const;

export const KILO = 1000;
const MINUTE_MS = 60_000;
/** What Transmission starts with where nothing was set. */
const DEFAULT_RATIO = 2;
const DEFAULT_IDLE_MINUTES = 30;
const DEFAULT_LIMIT = 100;

/** Every field of `torrent_get`, by its name in snake case. @see docs/rpc-spec.md, 3.3 */
export const TORRENT_FIELDS: Readonly<Record<string, Field>> = {
  activity_date: ({ summary }, { nowMs }) =>
    summary.downloadRate + summary.uploadRate > 0
      ? toSeconds(nowMs)
      : toSeconds(summary.completedAtMs ?? summary.addedAtMs),
  added_date: ({ summary }) => toSeconds(summary.addedAtMs),
  availability: async (view) => {
    const { pieceCount, have, availability } = await view.pieces();
    const [owned, copies] = [Buffer.from(have, "base64"), Buffer.from(availability, "base64")];
    return Array.from({ length: pieceCount }, (_, piece) =>
      ((owned[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) === 0 ? (copies[piece] ?? 0) : -1,
    );
  },
  bandwidth_priority: () => 0,
  comment: async (view) => (await view.detail()).comment ?? "",
  corrupt_ever: async (view) => {
    const { failedPieces, pieceLengthBytes } = await view.detail();
    return failedPieces * pieceLengthBytes;
  },
  creator: async (view) => (await view.detail()).createdBy ?? "",
  date_created: async (view) => toSeconds((await view.detail()).createdAtMs),
  desired_available: (view) => {
    const { availability } = view.traits();
    return Math.round(view.leftBytes * Math.min(1, availability));
  },
  done_date: ({ summary }) => toSeconds(summary.completedAtMs),
  download_dir: (view) => view.traits().folder,
  download_limit: (view, { memories }) =>
    toKilo(view.traits().downloadLimit) ??
    memories.recall(view.infoHash, "download_limit", DEFAULT_LIMIT),
  download_limited: (view) => view.traits().downloadLimit !== null,
  downloaded_ever: ({ summary }) => summary.downloadedBytes,
  edit_date: () => 0,
  error: ({ summary }) => (summary.state === "error" ? ERROR.local : ERROR.none),
  error_string: ({ summary }) => (summary.state === "error" ? (summary.error ?? "") : ""),
  eta: ({ summary }) => toEta(summary),
  eta_idle: () => ETA.none,
  file_count: async (view) => (await view.files()).length,
  file_stats: async (view, { dialect }) => describeFileStats(await view.files(), dialect),
  files: async (view, { dialect }) =>
    describeFiles(await view.files(), await view.detail(), dialect),
  group: ({ summary }) => summary.category ?? "",
  hash_string: ({ infoHash }) => infoHash,
  have_unchecked: () => 0,
  have_valid: ({ summary }) => summary.verifiedBytes,
  honors_session_limits: () => true,
  id: ({ infoHash }, { ids }) => ids.idOf(infoHash),
  is_finished: (view, { settings }) => isFinished(view, settings),
  is_private: (view) => view.traits().isPrivate,
  is_stalled: ({ summary }) =>
    (summary.state === "downloading" && summary.downloadRate === 0) ||
    (summary.state === "seeding" && summary.uploadRate === 0),
  labels: ({ summary, infoHash }, { tagsOf }) => [
    ...new Set([...(summary.category === null ? [] : [summary.category]), ...tagsOf(infoHash)]),
  ],
  left_until_done: (view) => view.leftBytes,
  magnet_link: (view) => view.traits().magnet,
  manual_announce_time: () => 0,
  max_connected_peers: (_, { settings }) => settings.network.maxPeers,
  metadata_percent_complete: ({ summary }) => (summary.state === "metadata" ? 0 : 1),
  name: ({ summary }) => summary.name,
  peer_limit: (_, { settings }) => settings.network.maxPeers,
  peers: async (view, { dialect }) => describePeers(await view.peers(), dialect),
  peers_connected: ({ summary }) => summary.seeds + summary.leechers,
  peers_from: async (view, { dialect }) => countSources(await view.peers(), dialect),
  peers_getting_from_us: async (view) =>
    (await view.peers()).filter(({ uploadRate }) => uploadRate > 0).length,
  peers_sending_to_us: async (view) =>
    (await view.peers()).filter(({ downloadRate }) => downloadRate > 0).length,
  percent_complete: async (view) => {
    const total = await view.totalBytes();
    return total === 0 ? 0 : Math.min(1, view.summary.verifiedBytes / total);
  },
  percent_done: ({ summary }) =>
    summary.sizeBytes === 0 ? 0 : Math.min(1, summary.verifiedBytes / summary.sizeBytes),
  piece_count: (view) => view.traits().pieceCount,
  piece_size: async (view) => (await view.detail()).pieceLengthBytes,
  pieces: async (view) => (await view.pieces()).have,
  primary_mime_type: () => "application/octet-stream",
  priorities: async (view) => (await view.files()).map(({ priority }) => toTriState(priority)),
  queue_position: ({ summary }) => summary.queuePosition,
  rate_download: ({ summary }) => Math.round(summary.downloadRate),
  rate_upload: ({ summary }) => Math.round(summary.uploadRate),
  recheck_progress: ({ summary }) => (summary.state === "checking" ? summary.progress : 0),
  seconds_downloading: (view) => {
    const { activeMs, seedingMs } = view.traits();
    return Math.round(Math.max(0, activeMs - seedingMs) / 1000);
  },
  seconds_seeding: (view) => Math.round(view.traits().seedingMs / 1000),
  seed_idle_limit: (view, { memories, settings }) => {
    const { idleTimeMs } = view.traits().shareLimits;
    const fallback = toMinutes(settings.queue.idleTimeMs) ?? DEFAULT_IDLE_MINUTES;
    return toMinutes(idleTimeMs) ?? memories.recall(view.infoHash, "seed_idle_limit", fallback);
  },
  seed_idle_mode: (view) => toMode(view.traits().shareLimits.idleTimeMs),
  seed_ratio_limit: (view, { memories, settings }) => {
    const fallback = settings.queue.ratio ?? DEFAULT_RATIO;
    return (
      view.traits().shareLimits.ratio ??
      memories.recall(view.infoHash, "seed_ratio_limit", fallback)
    );
  },
  seed_ratio_mode: (view) => toMode(view.traits().shareLimits.ratio),
  sequential_download: (view) => view.traits().sequential,
  size_when_done: ({ summary }) => summary.sizeBytes,
  start_date: ({ summary }) => toSeconds(summary.addedAtMs),
  status: (view) => toStatus(view),
  torrent_file: () => "",
  total_size: (view) => view.totalBytes(),
  tracker_list: async (view) => formatTrackerList(await view.trackers()),
  tracker_stats: async (view, { dialect, nowMs }) =>
    describeTrackerStats(await view.trackers(), nowMs, dialect),
  trackers: async (view, { dialect }) => describeTrackers(await view.trackers(), dialect),
  upload_limit: (view, { memories }) =>
    toKilo(view.traits().uploadLimit) ??
    memories.recall(view.infoHash, "upload_limit", DEFAULT_LIMIT),
  upload_limited: (view) => view.traits().uploadLimit !== null,
  upload_ratio: ({ summary }) => summary.ratio,
  uploaded_ever: ({ summary }) => summary.uploadedBytes,
  wanted: async (view) => (await view.files()).map(({ priority }) => (priority > 0 ? 1 : 0)),
  webseeds: async (view) => (await view.webSeeds()).map(({ url }) => url),
  webseeds_sending_to_us: async (view) =>
    (await view.webSeeds()).filter(({ downloadRate }) => downloadRate > 0).length,
};

export function toStatus({ summary, isComplete }: TorrentView): number {
  switch (summary.state) {
    case "checking":
      return STATUS.checking;
    case "queued":
      return isComplete ? STATUS.seedWaiting : STATUS.downloadWaiting;
    case "metadata":
    case "downloading":
      return STATUS.downloading;
    case "seeding":
      return STATUS.seeding;
    default:
      return STATUS.stopped;
  }
}

/** Whether it stands still because it has shared enough. */
function isFinished(view: TorrentView, { queue }: Settings): boolean {
  if (view.summary.state !== "paused" || !view.isComplete) return false;
  const { shareLimits, seedingMs } = view.traits();
  const ratio = shareLimits.ratio === undefined ? queue.ratio : shareLimits.ratio;
  const timeMs = shareLimits.seedTimeMs === undefined ? queue.seedTimeMs : shareLimits.seedTimeMs;
  return (
    (ratio !== null && view.summary.ratio >= ratio) || (timeMs !== null && seedingMs >= timeMs)
  );
}

function toEta({ state, etaS }: Summary): number {
  if (etaS !== null) return Math.round(etaS);
  return state === "downloading" || state === "metadata" ? ETA.unknown : ETA.none;
}

function toMode(limit: number | null | undefined): number {
  if (limit === undefined) return LIMIT_MODE.session;
  return limit === null ? LIMIT_MODE.unlimited : LIMIT_MODE.own;
}

/** Bytes per second in Transmission's kB/s. */
export function toKilo(limit: number | null): number | null {
  return limit === null ? null : Math.round(limit / KILO);
}

export function toMinutes(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : Math.round(ms / MINUTE_MS);
}

function toSeconds(ms: number | null): number {
  return ms === null ? 0 : Math.round(ms / 1000);
}
