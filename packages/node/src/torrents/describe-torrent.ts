import { join } from "node:path";
import type { TorrentDetail, TorrentSummary } from "@shoal/api";
import type { Torrent } from "@shoal/engine";
import type { Metainfo } from "@shoal/protocol";
import { ShoalError } from "@shoal/runtime";

/** What lists show of a torrent. @param queuePosition From 0. */
export function summarise(torrent: Torrent, queuePosition: number): TorrentSummary {
  const status = torrent.status();
  const { state, error, wantedBytes, verifiedBytes, checked, totals } = status;
  return {
    infoHash: status.infoHash,
    name: status.name,
    state,
    error: error?.message ?? null,
    errorCode: codeOf(error),
    sizeBytes: wantedBytes,
    verifiedBytes,
    progress: state === "checking" ? checked : wantedBytes === 0 ? 0 : verifiedBytes / wantedBytes,
    downloadRate: Math.round(status.downloadRate),
    uploadRate: Math.round(status.uploadRate),
    etaS: status.etaS === null ? null : Math.round(status.etaS),
    seeds: status.connectedSeeds,
    leechers: status.connectedLeechers,
    ratio: totals.ratio,
    downloadedBytes: totals.downloadedBytes,
    uploadedBytes: totals.uploadedBytes,
    addedAtMs: totals.addedAtMs,
    completedAtMs: totals.completedAtMs,
    category: status.category,
    queuePosition,
    slow: status.slow?.reason ?? null,
  };
}

function isShoalError(error: unknown): error is ShoalError {
  return error instanceof ShoalError;
}

function codeOf(error: Error | null): string | null {
  // A disk's own reason says more than that it was the disk.
  const known = [error?.cause, error].find(isShoalError);
  return known?.code ?? null;
}

/** Everything about one torrent. @param metainfo Null while it is being fetched. */
export function describeInFull(
  torrent: Torrent,
  queuePosition: number,
  metainfo: Metainfo | null,
): TorrentDetail {
  const status = torrent.status();
  const { infoHashes, limits } = torrent;
  const createdAtS = metainfo?.createdAtS ?? null;
  return {
    ...summarise(torrent, queuePosition),
    folder: torrent.dir,
    contentPath: contentPathOf(torrent, metainfo),
    isPrivate: torrent.isPrivate,
    versions: [
      ...(infoHashes.v1 === null ? [] : ["v1" as const]),
      ...(infoHashes.v2 === null ? [] : ["v2" as const]),
    ],
    infoHashes,
    magnet: torrent.magnet,
    comment: metainfo?.comment ?? null,
    createdBy: metainfo?.createdBy ?? null,
    createdAtMs: createdAtS === null ? null : createdAtS * 1000,
    pieceLengthBytes: metainfo?.pieceLengthBytes ?? 0,
    pieceCount: status.pieceCount,
    verifiedPieces: status.verifiedPieces,
    availability: status.availability,
    wastedBytes: status.wastedBytes,
    failedPieces: status.failedPieces,
    activeMs: status.totals.activeMs,
    seedingMs: status.totals.seedingMs,
    connectingPeers: status.connectingPeers,
    knownAddresses: status.knownAddresses,
    moving: status.moving,
    downloadLimit: limits.download,
    uploadLimit: limits.upload,
    shareLimits: torrent.shareLimits,
    autoManaged: status.autoManaged,
    sequential: torrent.isSequential,
    endsFirst: torrent.areEndsFirst,
    superSeeding: torrent.isSuperSeeding,
  };
}

/** Its file, or its root folder; null while the metadata is missing. */
export function contentPathOf(torrent: Torrent, metainfo: Metainfo | null): string | null {
  const first = torrent.files[0]?.path[0] ?? metainfo?.files[0]?.path[0];
  return first === undefined ? null : join(torrent.dir, first);
}
