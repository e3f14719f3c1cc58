import type { Settings } from "@shoal/api";
import type { RemoteControl } from "../remote/remote-control.ts";
import type { Detail, TorrentView } from "../remote/torrent-view.ts";
import type { ContentPaths } from "./content-paths.ts";
import { toState } from "./torrent-state.ts";

/** What stands for "never" where a time of arrival is asked: a hundred days. */
export const NO_ETA = 8_640_000;
/** Beyond it a ratio is not told. */
const MAX_RATIO = 9999;
const MINUTE_MS = 60_000;

export type TorrentInfo = Awaited<ReturnType<typeof describeTorrent>>;

/** Everything that `torrents/info` and `sync/maindata` say of a torrent. */
export async function describeTorrent(
  view: TorrentView,
  control: Pick<RemoteControl, "tags" | "runTotals" | "clock">,
  settings: Settings,
  contents: ContentPaths,
) {
  const { summary, infoHash } = view;
  const detail = view.traits();
  const [trackers, totalBytes, contentPath] = await Promise.all([
    view.trackers(),
    view.totalBytes(),
    contents.of(view),
  ]);
  const run = control.runTotals(infoHash);
  const nowMs = control.clock.nowMs();
  const working = trackers.find(({ state }) => state === "working");
  const nextMs = working?.nextAnnounceMs ?? nowMs;
  const limits = describeShareLimits(detail, settings);
  const sum = (key: "seeders" | "leechers"): number =>
    trackers.reduce((most, tracker) => Math.max(most, tracker[key] ?? -1), -1);
  return {
    added_on: toSeconds(summary.addedAtMs),
    amount_left: view.leftBytes,
    auto_tmm: false,
    availability: detail.availability,
    category: summary.category ?? "",
    completed: summary.verifiedBytes,
    completion_on: toSeconds(summary.completedAtMs),
    content_path: contentPath,
    dl_limit: detail.downloadLimit ?? -1,
    dlspeed: Math.round(summary.downloadRate),
    download_path: "",
    downloaded: summary.downloadedBytes,
    downloaded_session: run.downloadedBytes,
    eta: Math.min(NO_ETA, Math.round(summary.etaS ?? NO_ETA)),
    f_l_piece_prio: detail.endsFirst,
    force_start: !detail.autoManaged,
    hash: infoHash,
    infohash_v1: detail.infoHashes.v1 ?? "",
    infohash_v2: detail.infoHashes.v2 ?? "",
    isPrivate: detail.isPrivate,
    private: detail.isPrivate,
    last_activity: toSeconds(isBusy(view) ? nowMs : (summary.completedAtMs ?? summary.addedAtMs)),
    magnet_uri: detail.magnet,
    ...limits,
    name: summary.name,
    num_complete: sum("seeders"),
    num_incomplete: sum("leechers"),
    num_leechs: summary.leechers,
    num_seeds: summary.seeds,
    popularity: 0,
    priority: summary.queuePosition + 1,
    progress: progressOf(view),
    ratio: summary.ratio > MAX_RATIO ? -1 : summary.ratio,
    reannounce: Math.max(0, Math.round((nextMs - nowMs) / 1000)),
    root_path: summary.state === "metadata" ? "" : contentPath,
    save_path: detail.folder,
    seeding_time: Math.round(detail.seedingMs / 1000),
    seen_complete: summary.seeds > 0 ? toSeconds(nowMs) : toSeconds(summary.completedAtMs),
    seq_dl: detail.sequential,
    size: summary.sizeBytes,
    state: toState(view, { isForced: !detail.autoManaged, isMoving: detail.moving !== null }),
    super_seeding: detail.superSeeding,
    tags: control.tags.of(infoHash).join(", "),
    time_active: Math.round(detail.activeMs / 1000),
    total_size: totalBytes,
    tracker: working?.url ?? "",
    trackers_count: trackers.length,
    up_limit: detail.uploadLimit ?? -1,
    uploaded: summary.uploadedBytes,
    uploaded_session: run.uploadedBytes,
    upspeed: Math.round(summary.uploadRate),
  };
}

export function progressOf({ summary }: Pick<TorrentView, "summary">): number {
  if (summary.state === "checking") return summary.progress;
  return summary.sizeBytes === 0 ? 0 : Math.min(1, summary.verifiedBytes / summary.sizeBytes);
}

function isBusy({ summary }: TorrentView): boolean {
  return summary.downloadRate + summary.uploadRate > 0;
}

/** Limits of its own: -2 as the session, -1 none; and what holds in the end. Times are minutes. */
function describeShareLimits({ shareLimits }: Detail, { queue }: Settings) {
  const { ratio, seedTimeMs, idleTimeMs } = shareLimits;
  const own = (limit: number | null | undefined, unit: number): number =>
    limit === undefined ? -2 : limit === null ? -1 : round(limit / unit);
  const held = (limit: number | null | undefined, session: number | null, unit: number): number => {
    const value = limit === undefined ? session : limit;
    return value === null ? -1 : round(value / unit);
  };
  return {
    ratio_limit: own(ratio, 1),
    seeding_time_limit: own(seedTimeMs, MINUTE_MS),
    inactive_seeding_time_limit: own(idleTimeMs, MINUTE_MS),
    max_ratio: held(ratio, queue.ratio, 1),
    max_seeding_time: held(seedTimeMs, queue.seedTimeMs, MINUTE_MS),
    max_inactive_seeding_time: held(idleTimeMs, queue.idleTimeMs, MINUTE_MS),
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** -1 for a date that there is none of. */
export function toSeconds(ms: number | null): number {
  return ms === null ? -1 : Math.floor(ms / 1000);
}
