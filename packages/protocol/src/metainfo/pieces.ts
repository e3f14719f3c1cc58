import { toHex } from "../bytes/hex.ts";
import { HASH_LENGTH_BYTES } from "../merkle/hash.ts";
import { nextPowerOfTwo } from "../merkle/merkle-tree.ts";
import { BLOCK_LENGTH_BYTES } from "../peer-wire/message.ts";
import type { Metainfo } from "./metainfo.ts";
import { needsPieceLayer } from "./piece-layer.ts";
import { fileIndexAt } from "./space.ts";

/** What a piece is checked against. */
export interface PieceDescription {
  /** Where the piece starts in the linear space. */
  readonly offsetBytes: number;
  /** What peers transfer and `sha1` covers: with pads, where the torrent has a v1 part. */
  readonly lengthBytes: number;
  /** SHA-1 of the piece (20 bytes); null in v2-only torrents. */
  readonly sha1: Uint8Array | null;
  /** What the piece's blocks hash to (BEP 52); null in v1 torrents and while the layer is unknown. */
  readonly merkle: PieceTree | null;
  /** The file that a v2 piece belongs to; null in v1 torrents, whose pieces may span files. */
  readonly fileIndex: number | null;
}

/** The subtree that a piece is in its file's Merkle tree. */
export interface PieceTree {
  /** Root of the piece's leaves, 32 bytes: of the whole file when that is no longer than a piece. */
  readonly root: Uint8Array;
  /** Bytes of the file in this piece; the last block ends with them. */
  readonly lengthBytes: number;
  /** Leaves of the full subtree, a power of two; those past the end of the file are zeros. */
  readonly leafCount: number;
}

/** A run of bytes of one file. */
export interface FileSpan {
  readonly fileIndex: number;
  /** Where the run starts in the file. */
  readonly fileOffsetBytes: number;
  /** Where the run starts in the linear space. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/**
 * Bytes of a piece as peers transfer it. Only the last piece is shorter than the others, and in a
 * v2-only torrent the last of each file (BEP 52).
 * @throws {RangeError} when there is no such piece.
 */
export function pieceLengthAt(metainfo: Metainfo, piece: number): number {
  const offsetBytes = pieceOffset(metainfo, piece);
  const end = metainfo.v1 ? metainfo.spaceBytes : endOfFileAt(metainfo, offsetBytes);
  return Math.min(metainfo.pieceLengthBytes, end - offsetBytes);
}

/**
 * What is known to check a piece with.
 * @param pieceLayers verified layers by the hex of the pieces root: those of the torrent file, or those
 * that peers have sent since.
 * @throws {RangeError} when there is no such piece.
 * @see BEP 3, BEP 52
 */
export function describePiece(
  metainfo: Metainfo,
  piece: number,
  pieceLayers: ReadonlyMap<string, Uint8Array> = metainfo.pieceLayers,
): PieceDescription {
  const { v1, v2, pieceLengthBytes, files } = metainfo;
  const offsetBytes = pieceOffset(metainfo, piece);
  const lengthBytes = pieceLengthAt(metainfo, piece);
  const sha1 = v1 ? v1.pieces.subarray(piece * 20, piece * 20 + 20) : null;
  if (!v2) return { offsetBytes, lengthBytes, sha1, merkle: null, fileIndex: null };

  const fileIndex = fileIndexAt(metainfo.files, offsetBytes);
  const file = files[fileIndex]!;
  const rest = file.offsetBytes + file.lengthBytes - offsetBytes;
  let merkle: PieceTree | null = null;
  if (needsPieceLayer(file, pieceLengthBytes)) {
    const layer = pieceLayers.get(toHex(file.piecesRoot));
    if (layer) {
      const start = ((offsetBytes - file.offsetBytes) / pieceLengthBytes) * HASH_LENGTH_BYTES;
      merkle = {
        root: layer.subarray(start, start + HASH_LENGTH_BYTES),
        lengthBytes: Math.min(pieceLengthBytes, rest),
        leafCount: pieceLengthBytes / BLOCK_LENGTH_BYTES,
      };
    }
  } else {
    const leafCount = nextPowerOfTwo(Math.ceil(file.lengthBytes / BLOCK_LENGTH_BYTES));
    merkle = { root: file.piecesRoot!, lengthBytes: file.lengthBytes, leafCount };
  }
  return { offsetBytes, lengthBytes, sha1, merkle, fileIndex };
}

/**
 * The files that a range of the linear space lies in, in order. What no span covers is padding.
 * @throws {RangeError} when the range leaves the space.
 */
export function fileSpans(
  metainfo: Metainfo,
  offsetBytes: number,
  lengthBytes: number,
): FileSpan[] {
  const end = offsetBytes + lengthBytes;
  if (!(offsetBytes >= 0 && lengthBytes >= 0 && end <= metainfo.spaceBytes)) {
    throw new RangeError(
      `Expected a range of ${metainfo.spaceBytes} bytes, got [${offsetBytes}, ${end})`,
    );
  }
  const spans: FileSpan[] = [];
  for (let fileIndex = fileIndexAt(metainfo.files, offsetBytes); ; fileIndex += 1) {
    const file = metainfo.files[fileIndex];
    if (file === undefined || file.offsetBytes >= end) return spans;
    const start = Math.max(offsetBytes, file.offsetBytes);
    const length = Math.min(end, file.offsetBytes + file.lengthBytes) - start;
    if (length > 0) {
      spans.push({
        fileIndex,
        fileOffsetBytes: start - file.offsetBytes,
        offsetBytes: start,
        lengthBytes: length,
      });
    }
  }
}

/** The files of a piece; see {@link fileSpans}. */
export function filesOfPiece(metainfo: Metainfo, piece: number): FileSpan[] {
  return fileSpans(metainfo, pieceOffset(metainfo, piece), pieceLengthAt(metainfo, piece));
}

/**
 * The pieces that hold bytes of a file, from `first` to before `end`; none for an empty file.
 * @throws {RangeError} when there is no such file.
 */
export function piecesOfFile(
  metainfo: Metainfo,
  fileIndex: number,
): { first: number; end: number } {
  const file = metainfo.files[fileIndex];
  if (file === undefined) {
    throw new RangeError(
      `Expected a file from 0 to ${metainfo.files.length - 1}, got ${fileIndex}`,
    );
  }
  const { pieceLengthBytes } = metainfo;
  const first = Math.floor(file.offsetBytes / pieceLengthBytes);
  if (file.lengthBytes === 0) return { first, end: first };
  return { first, end: Math.ceil((file.offsetBytes + file.lengthBytes) / pieceLengthBytes) };
}

function endOfFileAt(metainfo: Metainfo, offsetBytes: number): number {
  const file = metainfo.files[fileIndexAt(metainfo.files, offsetBytes)]!;
  return file.offsetBytes + file.lengthBytes;
}

function pieceOffset({ pieceCount, pieceLengthBytes }: Metainfo, piece: number): number {
  if (!Number.isInteger(piece) || piece < 0 || piece >= pieceCount) {
    throw new RangeError(`Expected a piece from 0 to ${pieceCount - 1}, got ${piece}`);
  }
  return piece * pieceLengthBytes;
}
