import type { TorrentTotals, TorrentStatus } from "./status.ts";
import { describeTorrent } from "./describe-torrent.ts";
import type { TorrentCore } from "./torrent-core.ts";

/** A torrent's figures, awake or asleep. */
export function describeCore(core: TorrentCore): TorrentStatus {
  const { active, settings, totals, life } = core;
  const known = {
    infoHash: core.infoHash,
    name: core.name,
    state: core.state,
    error: life.error,
    trackers: core.announcing.trackers,
    downloadedBytes: totals.runDownloadedBytes,
    uploadedBytes: totals.runUploadedBytes,
    totals: describeTotals(core),
    category: settings.category,
    autoManaged: settings.autoManaged,
    isAsleep: active === null,
  };
  if (active !== null) {
    const { limits } = core.services;
    const above = [limits.of(settings.category).download, limits.root.download];
    return describeTorrent({ ...known, active, limiters: [active.limiters.download, ...above] });
  }
  const { wantedBytes, verifiedBytes, pieceCount, verifiedPieces } = core.summary;
  return {
    ...known,
    wantedBytes,
    verifiedBytes,
    pieceCount,
    verifiedPieces,
    checked: 1,
    moving: null,
    wastedBytes: 0,
    failedPieces: 0,
    downloadRate: 0,
    uploadRate: 0,
    etaS: null,
    connectedPeers: 0,
    connectedSeeds: 0,
    connectedLeechers: 0,
    availability: core.isComplete ? 1 : 0,
    connectingPeers: 0,
    knownAddresses: 0,
    slow: null,
  };
}

function describeTotals({ totals, ratio }: TorrentCore): TorrentTotals {
  const { addedAtMs, completedAtMs, downloadedBytes, uploadedBytes, activeMs, seedingMs } = totals;
  return { addedAtMs, completedAtMs, downloadedBytes, uploadedBytes, activeMs, seedingMs, ratio };
}
