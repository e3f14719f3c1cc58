import type { ActiveTorrent } from "./active-torrent.ts";
import type { TorrentSummary } from "./entry.ts";

/** Slower than this is "slow", in bytes per second. */
const SLOW_RATE = 2048;
/** A torrent that has just begun is not slow yet. */
const SLOW_AFTER_MS = 60_000;

/** What is to be known of a torrent while it sleeps; null when its files are not checked yet. */
export function summarise(active: ActiveTorrent, isComplete: boolean): TorrentSummary | null {
  const { transfer, selection } = active;
  if (transfer === null || selection === null) return null;
  return {
    wantedBytes: selection.wantedBytes,
    verifiedBytes: selection.wantedBytes - selection.leftBytes,
    pieceCount: transfer.metainfo.pieceCount,
    verifiedPieces: transfer.have.count,
    isComplete,
    isPrivate: transfer.metainfo.isPrivate,
  };
}

/** Whether a torrent that runs for so long moves next to nothing. A check of what is on disk is work as well. */
export function isSlow(active: ActiveTorrent, runningMs: number): boolean {
  if (active.stage === "checking" || runningMs < SLOW_AFTER_MS) return false;
  const { transfer, isComplete, swarm } = active;
  const meter = isComplete ? transfer?.uploadMeter : transfer?.downloadMeter;
  return (meter?.bytesPerSecond(swarm.clock.monotonicMs()) ?? 0) < SLOW_RATE;
}
