import { BLOCK_LENGTH_BYTES, type Metainfo } from "@shoal/protocol";

/** Where a torrent's pieces and blocks lie. All figures are in bytes of the linear space of pieces. */
export interface Geometry {
  readonly pieceCount: number;
  readonly pieceLengthBytes: number;
  /** Length of a piece as it is hashed: with padding, where its SHA-1 covers that. */
  lengthOf(piece: number): number;
  /** Bytes from a piece's start to the next piece, or to the end of the space. */
  spaceOf(piece: number): number;
  /**
   * Bytes from a piece's start that a peer may ask for. Where pieces are aligned to files, libtorrent asks for whole
   * blocks at the ends of files, also behind the last one; what no file covers is zeros.
   */
  askableOf(piece: number): number;
  /** Bytes of a piece that are worth asking for: up to the end of its last file, without padding. */
  payloadOf(piece: number): number;
  blocksIn(piece: number): number;
  /** Length of a block as it is requested. */
  blockLength(piece: number, block: number): number;
}

/**
 * Padding (BEP 47) only ever stands at the end of a piece, so a piece's payload is a prefix of it.
 * A piece of nothing but padding is asked for whole, as clients that know no padding do.
 */
export function createGeometry(metainfo: Metainfo): Geometry {
  const { pieceCount, pieceLengthBytes, spaceBytes } = metainfo;
  /** Only the pieces whose payload is shorter than they are: one per file at the most. */
  const shortened = new Map<number, number>();

  const spaceOf = (piece: number): number =>
    Math.min(pieceLengthBytes, spaceBytes - piece * pieceLengthBytes);

  const ends = new Map<number, number>();
  for (const file of metainfo.files) {
    if (file.lengthBytes === 0) continue;
    const end = file.offsetBytes + file.lengthBytes;
    const piece = Math.floor((end - 1) / pieceLengthBytes);
    ends.set(piece, Math.max(ends.get(piece) ?? 0, end - piece * pieceLengthBytes));
  }
  for (const file of metainfo.files) {
    if (file.lengthBytes === 0) continue;
    // A later file that starts in the same piece and goes on beyond it fills the piece.
    const first = Math.floor(file.offsetBytes / pieceLengthBytes);
    const last = Math.floor((file.offsetBytes + file.lengthBytes - 1) / pieceLengthBytes);
    if (last > first) ends.delete(first);
  }
  for (const [piece, payload] of ends) {
    if (payload < spaceOf(piece)) shortened.set(piece, payload);
  }

  const payloadOf = (piece: number): number => shortened.get(piece) ?? spaceOf(piece);
  return {
    pieceCount,
    pieceLengthBytes,
    lengthOf: metainfo.v1 === null ? payloadOf : spaceOf,
    spaceOf,
    askableOf: metainfo.v2 === null ? spaceOf : () => pieceLengthBytes,
    payloadOf,
    blocksIn: (piece) => Math.ceil(payloadOf(piece) / BLOCK_LENGTH_BYTES),
    blockLength: (piece, block) =>
      Math.min(BLOCK_LENGTH_BYTES, payloadOf(piece) - block * BLOCK_LENGTH_BYTES),
  };
}
