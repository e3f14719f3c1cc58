import type { TorrentCore } from "./torrent-core.ts";

/** Which pieces of a torrent are here, and how often connected peers have each. */
export interface PieceMap {
  readonly pieceCount: number;
  /** One bit a piece, most significant bit first, as on the wire. A copy. */
  readonly have: Uint8Array;
  /** One byte a piece: connected peers that have it, 255 at the most. */
  readonly availability: Uint8Array;
}

const MAX_COUNT = 255;

/** @returns null while the metadata is missing, the files are checked, or the torrent sleeps. */
export function mapPieces({ active }: TorrentCore): PieceMap | null {
  const transfer = active?.transfer ?? null;
  if (transfer === null) return null;
  const { have, picker } = transfer;
  return {
    pieceCount: have.length,
    have: have.bytes.slice(),
    availability: Uint8Array.from({ length: have.length }, (_, piece) =>
      Math.min(picker.availability(piece), MAX_COUNT),
    ),
  };
}
