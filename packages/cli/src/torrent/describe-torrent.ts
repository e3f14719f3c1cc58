import { formatMagnet, type Magnet, type Metainfo, toHex } from "@shoal/protocol";

/** What `info` and `create` say of a torrent, as JSON. What a magnet link does not tell is null. */
export interface TorrentDescription {
  readonly name: string | null;
  readonly magnet: string;
  readonly infoHashV1: string | null;
  readonly infoHashV2: string | null;
  readonly files: readonly FileDescription[] | null;
  readonly pieceLengthBytes: number | null;
  readonly pieceCount: number | null;
  readonly lengthBytes: number | null;
  /** Best first; tiers one after the other. */
  readonly trackers: readonly string[];
  readonly webSeeds: readonly string[];
  readonly private: boolean | null;
  readonly comment: string | null;
  readonly createdBy: string | null;
  /** ISO 8601, UTC. */
  readonly createdAt: string | null;
}

export interface FileDescription {
  readonly path: string;
  readonly lengthBytes: number;
  /** Where the file starts in the linear space of pieces. */
  readonly offset: number;
  /** Hex; null without a v2 part and for empty files. */
  readonly piecesRoot: string | null;
}

export function describeMetainfo(metainfo: Metainfo): TorrentDescription {
  const { name, v1, v2, files, webSeeds, createdAtS } = metainfo;
  const trackers = metainfo.trackers.flat();
  const infoHashV1 = v1?.infoHash ?? null;
  const infoHashV2 = v2?.infoHash ?? null;
  return {
    name,
    magnet: formatMagnet({ infoHashV1, infoHashV2, name, trackers, webSeeds }),
    infoHashV1: hexOrNull(infoHashV1),
    infoHashV2: hexOrNull(infoHashV2),
    files: files.map((file) => ({
      path: file.path.join("/"),
      lengthBytes: file.lengthBytes,
      offset: file.offsetBytes,
      piecesRoot: hexOrNull(file.piecesRoot),
    })),
    pieceLengthBytes: metainfo.pieceLengthBytes,
    pieceCount: metainfo.pieceCount,
    lengthBytes: metainfo.lengthBytes,
    trackers,
    webSeeds,
    private: metainfo.isPrivate,
    comment: metainfo.comment,
    createdBy: metainfo.createdBy,
    createdAt: createdAtS === null ? null : toIsoDate(createdAtS),
  };
}

export function describeMagnet(magnet: Magnet): TorrentDescription {
  const { name, infoHashV1, infoHashV2, trackers, webSeeds } = magnet;
  return {
    name,
    magnet: formatMagnet(magnet),
    infoHashV1: hexOrNull(infoHashV1),
    infoHashV2: hexOrNull(infoHashV2),
    files: null,
    pieceLengthBytes: null,
    pieceCount: null,
    lengthBytes: null,
    trackers,
    webSeeds,
    private: null,
    comment: null,
    createdBy: null,
    createdAt: null,
  };
}

function hexOrNull(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : toHex(bytes);
}

/** Null for dates that no calendar has: torrents may say anything. */
function toIsoDate(seconds: number): string | null {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
