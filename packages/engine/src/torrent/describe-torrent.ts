import type { RateLimiter } from "../rate/rate-limiter.ts";
import type { ActiveTorrent } from "./active-torrent.ts";
import { countCopies } from "./count-copies.ts";
import { explainSlowness } from "./explain-slowness.ts";
import type { TorrentStatus } from "./status.ts";

type KnownFigures = Pick<
  TorrentStatus,
  | "infoHash"
  | "name"
  | "state"
  | "error"
  | "trackers"
  | "downloadedBytes"
  | "uploadedBytes"
  | "totals"
  | "category"
  | "autoManaged"
  | "isAsleep"
>;

/** Below this rate nobody would believe a time of arrival. */
const LEAST_ETA_RATE = 1;

/** The figures of a torrent that is awake. */
export function describeTorrent(
  parts: KnownFigures & {
    active: ActiveTorrent;
    /** Of downloading, from the torrent's to the session's. */
    limiters: readonly RateLimiter[];
  },
): TorrentStatus {
  const { active, limiters, ...known } = parts;
  const { selection, transfer, swarm, checked } = active;
  const { metainfo } = active.metadata;
  const webSeeds = active.webSeeds.status();
  const nowMs = swarm.clock.monotonicMs();
  const wantedBytes = selection?.wantedBytes ?? metainfo?.lengthBytes ?? 0;
  const leftBytes = transfer === null || selection === null ? wantedBytes : selection.leftBytes;
  const downloadRate = transfer?.downloadMeter.bytesPerSecond(nowMs) ?? 0;
  const peers = [...swarm.peers];
  const seeds = peers.filter((peer) => peer.isSeed).length;
  const status = {
    ...known,
    checked,
    moving: active.relocation.progress,
    wantedBytes,
    verifiedBytes: wantedBytes - leftBytes,
    pieceCount: metainfo?.pieceCount ?? 0,
    verifiedPieces: transfer?.have.count ?? 0,
    wastedBytes: transfer?.wastedBytes ?? 0,
    failedPieces: transfer?.failedPieces ?? 0,
    downloadRate,
    uploadRate: transfer?.uploadMeter.bytesPerSecond(nowMs) ?? 0,
    etaS: leftBytes > 0 && downloadRate > LEAST_ETA_RATE ? leftBytes / downloadRate : null,
    connectedPeers: peers.length,
    connectedSeeds: seeds,
    connectedLeechers: peers.length - seeds,
    availability: transfer === null ? 0 : countCopies(transfer, peers),
    connectingPeers: swarm.connecting,
    knownAddresses: swarm.candidates.size,
  };
  return { ...status, slow: explainSlowness(status, peers, webSeeds, strictest(limiters)) };
}

/** The lowest limit, in bytes per second; null when there is none. */
function strictest(limiters: readonly RateLimiter[]): number | null {
  const limits = limiters.map((limiter) => limiter.bytesPerSecond ?? Infinity);
  const least = Math.min(...limits);
  return least === Infinity ? null : least;
}
