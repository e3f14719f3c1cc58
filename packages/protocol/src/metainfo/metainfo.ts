/** A file of a torrent. Pad files (BEP 47) are not listed: the space they fill is only skipped. */
export interface MetainfoFile {
  /**
   * Where the file goes below the download folder: safe components, unique among the torrent's files
   * even where letter case does not count. Starts with the root folder's name in a multi-file torrent.
   */
  readonly path: readonly string[];
  /** The same path as the torrent gives it, for web seeds (BEP 19). Never use it on a disk. */
  readonly rawPath: readonly string[];
  readonly lengthBytes: number;
  /** Where the file starts in the linear space of pieces. */
  readonly offsetBytes: number;
  /** Root of the file's Merkle tree, 32 bytes (BEP 52); null in v1 torrents and for empty files. */
  readonly piecesRoot: Uint8Array | null;
  readonly attributes: FileAttributes;
}

/** Attributes of a file (BEP 47). */
export interface FileAttributes {
  readonly executable: boolean;
  readonly hidden: boolean;
  /** Safe path below the download folder of what the link points to; null for a file with content. */
  readonly symlinkTarget: readonly string[] | null;
}

/** A DHT node named by a torrent (BEP 5). */
export interface DhtNode {
  readonly host: string;
  readonly port: number;
}

/** What a torrent file, or an info dictionary alone, says. Byte arrays are views of the parsed bytes. */
export interface Metainfo {
  /** The info dictionary as it came; infohashes are hashes of exactly these bytes. */
  readonly infoBytes: Uint8Array;
  /** A safe file name; the infohash in hex when the torrent's own name leaves nothing. */
  readonly name: string;
  readonly pieceLengthBytes: number;
  readonly pieceCount: number;
  /** Bytes of content, without padding. */
  readonly lengthBytes: number;
  /** Bytes of the linear space that pieces divide, with padding and alignment gaps. */
  readonly spaceBytes: number;
  /** Peers come from the trackers alone (BEP 27). */
  readonly isPrivate: boolean;
  /** SHA-1 world (BEP 3): a 20-byte infohash and one SHA-1 for each piece. Null in v2-only torrents. */
  readonly v1: { readonly infoHash: Uint8Array; readonly pieces: Uint8Array } | null;
  /** SHA-256 world (BEP 52): a 32-byte infohash. Null in v1-only torrents. */
  readonly v2: { readonly infoHash: Uint8Array } | null;
  readonly files: readonly MetainfoFile[];
  /** Piece layers that were verified, by the hex of the pieces root. Files of one piece need none. */
  readonly pieceLayers: ReadonlyMap<string, Uint8Array>;
  /** Tiers of tracker URLs, best first (BEP 12). */
  readonly trackers: readonly (readonly string[])[];
  /** URLs of web seeds (BEP 19). */
  readonly webSeeds: readonly string[];
  /** Infohashes, 20 bytes each, of torrents that are said to have files in common with this one (BEP 38). */
  readonly similar: readonly Uint8Array[];
  /** Names of collections: torrents of one have files in common (BEP 38). */
  readonly collections: readonly string[];
  readonly nodes: readonly DhtNode[];
  readonly comment: string | null;
  readonly createdBy: string | null;
  /** Seconds since 1970 (UTC). */
  readonly createdAtS: number | null;
  /** The `source` that private trackers write into the info dictionary. */
  readonly source: string | null;
}

/** Pieces that a torrent may have; libtorrent's bound. */
export const MAX_PIECES = 2_097_152;
/** Largest piece: 512 MiB, as in libtorrent. A piece is hashed and held as a whole. */
export const MAX_PIECE_LENGTH_BYTES = 512 * 1024 * 1024;
