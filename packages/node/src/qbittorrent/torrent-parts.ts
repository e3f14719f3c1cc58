import { pieceRanges } from "../transmission/file-fields.ts";
import type { QbCall } from "./call.ts";
import { findTorrent } from "./list-torrents.ts";
import { progressOf, NO_ETA, toSeconds } from "./torrent-info.ts";

/** `torrents/properties` */
export async function describeProperties(call: QbCall) {
  const view = await findTorrent(call);
  const { summary, infoHash } = view;
  const [detail, trackers, totalBytes] = await Promise.all([
    view.detail(),
    view.trackers(),
    view.totalBytes(),
  ]);
  const run = call.control.runTotals(infoHash);
  const nowMs = call.control.clock.nowMs();
  const { settings } = await call.operations.call("getSettings");
  const most = (key: "seeders" | "leechers"): number =>
    trackers.reduce((sum, tracker) => Math.max(sum, tracker[key] ?? -1), -1);
  const nextMs = trackers.find(({ state }) => state === "working")?.nextAnnounceMs ?? nowMs;
  const downloadingS = Math.max(1, (detail.activeMs - detail.seedingMs) / 1000);
  const [seeds, leechers] = [most("seeders"), most("leechers")];
  return {
    addition_date: toSeconds(summary.addedAtMs),
    comment: detail.comment ?? "",
    completion_date: toSeconds(summary.completedAtMs),
    created_by: detail.createdBy ?? "",
    creation_date: toSeconds(detail.createdAtMs),
    dl_limit: detail.downloadLimit ?? -1,
    dl_speed: Math.round(summary.downloadRate),
    dl_speed_avg: Math.round(summary.downloadedBytes / downloadingS),
    download_path: "",
    eta: Math.min(NO_ETA, Math.round(summary.etaS ?? NO_ETA)),
    has_metadata: summary.state !== "metadata",
    hash: infoHash,
    infohash_v1: detail.infoHashes.v1 ?? "",
    infohash_v2: detail.infoHashes.v2 ?? "",
    isPrivate: detail.isPrivate,
    is_private: detail.isPrivate,
    private: detail.isPrivate,
    last_seen: summary.seeds > 0 ? toSeconds(nowMs) : toSeconds(summary.completedAtMs),
    name: summary.name,
    nb_connections: summary.seeds + summary.leechers,
    nb_connections_limit: settings.network.maxPeers,
    peers: summary.leechers,
    peers_total: leechers,
    piece_size: detail.pieceLengthBytes === 0 ? -1 : detail.pieceLengthBytes,
    pieces_have: detail.verifiedPieces,
    pieces_num: detail.pieceCount,
    progress: progressOf(view),
    reannounce: Math.max(0, Math.round((nextMs - nowMs) / 1000)),
    save_path: detail.folder,
    seeding_time: Math.round(detail.seedingMs / 1000),
    seeds: summary.seeds,
    seeds_total: seeds,
    share_ratio: summary.ratio,
    time_elapsed: Math.round(detail.activeMs / 1000),
    total_downloaded: summary.downloadedBytes,
    total_downloaded_session: run.downloadedBytes,
    total_size: detail.pieceCount === 0 ? -1 : totalBytes,
    total_uploaded: summary.uploadedBytes,
    total_uploaded_session: run.uploadedBytes,
    total_wasted: detail.wastedBytes,
    up_limit: detail.uploadLimit ?? -1,
    up_speed: Math.round(summary.uploadRate),
    up_speed_avg: Math.round(summary.uploadedBytes / Math.max(1, detail.activeMs / 1000)),
  };
}

/** Priorities of files by the engine's: 0 skips, 1 is normal, 6 is high, 7 comes first. */
export function toQbPriority(priority: number): number {
  if (priority === 0) return 0;
  if (priority === 7) return 7;
  return priority > 4 ? 6 : 1;
}

/** The engine's priorities by qBittorrent's; undefined for what is none. */
export const ENGINE_PRIORITIES: Readonly<Record<number, number>> = { 0: 0, 1: 4, 6: 6, 7: 7 };

/** `torrents/files` */
export async function describeFiles(call: QbCall) {
  const view = await findTorrent(call);
  const [files, detail] = await Promise.all([view.files(), view.detail()]);
  const ranges = pieceRanges(files, detail);
  const wanted = call.parameters.list("indexes", "|").map(Number);
  const described = files.map(({ index, path, lengthBytes, doneBytes, priority }) => ({
    index,
    name: path,
    size: lengthBytes,
    progress: lengthBytes === 0 ? 1 : doneBytes / lengthBytes,
    priority: toQbPriority(priority),
    is_seed: doneBytes === lengthBytes,
    piece_range: [ranges[index]!.first, Math.max(ranges[index]!.first, ranges[index]!.end - 1)],
    availability: Math.min(1, detail.availability),
  }));
  return wanted.length === 0 ? described : described.filter(({ index }) => wanted.includes(index));
}

/** What a tracker's state is called by number. */
const TRACKER_STATUS: Readonly<Record<string, number>> = {
  idle: 1,
  working: 2,
  announcing: 3,
  failed: 4,
};

/** `torrents/trackers`: with the three ways that need no tracker in front, as qBittorrent has them. */
export async function describeTrackers(call: QbCall) {
  const view = await findTorrent(call);
  const { settings } = await call.operations.call("getSettings");
  const { isPrivate } = view.traits();
  const { dht, peerExchange, lsd } = settings.network;
  const ways = [
    ["** [DHT] **", dht],
    ["** [PeX] **", peerExchange],
    ["** [LSD] **", lsd],
  ] as const;
  const nothing = { num_peers: 0, num_seeds: 0, num_leeches: 0, num_downloaded: 0 };
  return [
    ...ways.map(([url, isOn]) => ({
      url,
      tier: -1,
      status: isOn && !isPrivate ? 2 : 0,
      msg: isPrivate ? "This torrent is private" : "",
      ...nothing,
    })),
    ...(await view.trackers()).map(({ url, tier, state, seeders, leechers, error }) => ({
      url,
      tier,
      status: TRACKER_STATUS[state] ?? 1,
      msg: error ?? "",
      num_peers: seeders === null && leechers === null ? -1 : (seeders ?? 0) + (leechers ?? 0),
      num_seeds: seeders ?? -1,
      num_leeches: leechers ?? -1,
      num_downloaded: -1,
    })),
  ];
}

/** `torrents/pieceStates`: 2 for pieces that are here. Which are under way nobody is told. */
export async function describePieces(call: QbCall): Promise<number[]> {
  const { pieceCount, have } = await (await findTorrent(call)).pieces();
  const bits = Buffer.from(have, "base64");
  return Array.from({ length: pieceCount }, (_, piece) =>
    ((bits[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) === 0 ? 0 : 2,
  );
}

/** `sync/torrentPeers`: always all of them. */
export async function describePeers(call: QbCall) {
  const peers = await (await findTorrent(call)).peers();
  return {
    full_update: true,
    rid: 0,
    show_flags: false,
    peers: Object.fromEntries(
      peers.map((peer) => [
        `${peer.address.includes(":") ? `[${peer.address}]` : peer.address}:${peer.port}`,
        {
          client: peer.client,
          connection: "BT",
          country: "",
          country_code: "",
          dl_speed: Math.round(peer.downloadRate),
          downloaded: peer.downloadedBytes,
          files: "",
          flags: [
            peer.interested ? (peer.peerChoking ? "d" : "D") : "",
            peer.peerInterested ? (peer.choking ? "u" : "U") : "",
            peer.incoming ? "I" : "",
            peer.encrypted ? "E" : "",
          ]
            .filter(Boolean)
            .join(" "),
          flags_desc: "",
          ip: peer.address,
          port: peer.port,
          progress: peer.progress,
          relevance: 0,
          up_speed: Math.round(peer.uploadRate),
          uploaded: peer.uploadedBytes,
        },
      ]),
    ),
  };
}
