import type { Metainfo } from "@shoal/protocol";
import type { WebSeedStatus } from "../web-seed/web-seed-status.ts";
import type { RateLimiter } from "../rate/rate-limiter.ts";
import type { Swarm } from "../swarm/swarm.ts";
import { countCopies } from "./count-copies.ts";
import { explainSlowness } from "./explain-slowness.ts";
import type { Selection } from "./selection.ts";
import type { TorrentStatus } from "./status.ts";
import type { Transfer } from "./transfer.ts";

/** Below this rate nobody would believe a time of arrival. */
const LEAST_ETA_RATE = 1;

/** A torrent's figures, as its parts have them now. */
export function describeTorrent(
  parts: Pick<TorrentStatus, "infoHash" | "name" | "state" | "error" | "checked" | "trackers"> & {
    metainfo: Metainfo | null;
    selection: Selection | null;
    transfer: Transfer | null;
    swarm: Swarm;
    webSeeds: readonly WebSeedStatus[];
    /** Of downloading: the torrent's and the session's. */
    limiters: readonly RateLimiter[];
    nowMs: number;
  },
): TorrentStatus {
  const { metainfo, selection, transfer, swarm, webSeeds, limiters, nowMs, ...known } = parts;
  const wantedBytes = selection?.wantedBytes ?? metainfo?.lengthBytes ?? 0;
  const leftBytes = transfer === null || selection === null ? wantedBytes : selection.leftBytes;
  const downloadRate = transfer?.downloadMeter.bytesPerSecond(nowMs) ?? 0;
  const peers = [...swarm.peers];
  const seeds = peers.filter((peer) => peer.isSeed).length;
  const status = {
    ...known,
    wantedBytes,
    verifiedBytes: wantedBytes - leftBytes,
    pieceCount: metainfo?.pieceCount ?? 0,
    verifiedPieces: transfer?.have.count ?? 0,
    downloadedBytes: transfer?.downloadMeter.totalBytes ?? 0,
    uploadedBytes: transfer?.uploadMeter.totalBytes ?? 0,
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
