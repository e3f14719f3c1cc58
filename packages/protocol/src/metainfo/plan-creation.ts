import { MetainfoError } from "../errors.ts";
import { isPowerOfTwo, nextPowerOfTwo } from "../merkle/merkle-tree.ts";
import { BLOCK_LENGTH_BYTES } from "../peer-wire/message.ts";
import { invalidField } from "./fields.ts";
import { MAX_PIECE_LENGTH_BYTES, MAX_PIECES } from "./metainfo.ts";
import { addToSpace, alignToPiece, fileIndexAt } from "./space.ts";

/** v1 for every client (BEP 3), v2 for block-wise checks (BEP 52), or both in one torrent. */
export type TorrentVersion = "v1" | "v2" | "hybrid";

/** A file to make a torrent of. */
export interface CreationFile {
  /** Components below the root folder; empty when the torrent is this one file. */
  readonly path: readonly string[];
  /** 0 for a symbolic link. */
  readonly lengthBytes: number;
  readonly executable?: boolean;
  readonly hidden?: boolean;
  /** Makes the file a symbolic link to this path below the root folder (BEP 47). */
  readonly symlinkTarget?: readonly string[];
}

export interface CreationOptions {
  /** Name of the file, or of the folder that holds the files. */
  readonly name: string;
  readonly version: TorrentVersion;
  /** A power of two of at least 16 KiB; {@link choosePieceLength} when left out. */
  readonly pieceLengthBytes?: number;
}

/** Where everything of a torrent to be lies, before anything is hashed. */
export interface CreationPlan {
  readonly name: string;
  readonly version: TorrentVersion;
  readonly pieceLengthBytes: number;
  readonly pieceCount: number;
  /** Bytes of content. */
  readonly lengthBytes: number;
  /** Bytes of the linear space, with padding. */
  readonly spaceBytes: number;
  /** In the order of the torrent. */
  readonly files: readonly PlannedFile[];
}

export interface PlannedFile extends CreationFile {
  /** Where the file starts in the linear space. */
  readonly offsetBytes: number;
  /** Zeros after the file, listed as a pad file in the v1 part of a hybrid torrent (BEP 47). */
  readonly padBytes: number;
}

/** What is to be hashed for one piece. */
export interface PieceToHash {
  readonly offsetBytes: number;
  /** Bytes that the SHA-1 covers, zeros of padding among them; null when none is needed. */
  readonly sha1LengthBytes: number | null;
  /** Bytes of the file whose 16 KiB blocks are hashed, from `offsetBytes`; null when none are. */
  readonly leavesLengthBytes: number | null;
  /** Width of the piece's Merkle tree, a power of two; null without leaves. */
  readonly leafCount: number | null;
}

const MAX_AUTOMATIC_PIECES = 2000;
const MAX_AUTOMATIC_PIECE_LENGTH_BYTES = 16 * 1024 * 1024;

/**
 * A piece length that gives 1000 to 2000 pieces, within 16 KiB and 16 MiB: few enough for a small torrent
 * file, many enough to spread in a swarm.
 */
export function choosePieceLength(lengthBytes: number): number {
  const wanted = nextPowerOfTwo(lengthBytes / MAX_AUTOMATIC_PIECES);
  return Math.min(Math.max(wanted, BLOCK_LENGTH_BYTES), MAX_AUTOMATIC_PIECE_LENGTH_BYTES);
}

/**
 * Lays out a torrent: files in the order of their names' bytes, as BEP 52 has them, and aligned to pieces
 * where the version demands it.
 * @throws {MetainfoError} `no-content`, `too-large`, or `invalid-field` for the piece length.
 * @throws {RangeError} when a path is empty among others, is no plain path or comes twice, when a length
 * is none, or when a symbolic link has content.
 */
export function planCreation(
  files: readonly CreationFile[],
  { name, version, pieceLengthBytes: wanted }: CreationOptions,
): CreationPlan {
  checkFiles(files, name);
  const lengthBytes = files.reduce((sum, file) => addToSpace(sum, file.lengthBytes, "length"), 0);
  if (lengthBytes === 0) {
    throw new MetainfoError(
      "no-content",
      "length",
      "All files are empty: there is nothing to share",
    );
  }
  const pieceLengthBytes = wanted ?? choosePieceLength(lengthBytes);
  if (
    !isPowerOfTwo(pieceLengthBytes / BLOCK_LENGTH_BYTES) ||
    pieceLengthBytes > MAX_PIECE_LENGTH_BYTES
  ) {
    const expected = `a power of two from ${BLOCK_LENGTH_BYTES} to ${MAX_PIECE_LENGTH_BYTES}`;
    throw invalidField("piece length", expected, pieceLengthBytes);
  }
  const planned: PlannedFile[] = [];
  let spaceBytes = 0;
  for (const file of files.toSorted((a, b) => comparePaths(a.path, b.path))) {
    if (version === "v2" && file.lengthBytes > 0) {
      spaceBytes = alignToPiece(spaceBytes, pieceLengthBytes, "length");
    }
    const end = addToSpace(spaceBytes, file.lengthBytes, "length");
    const isPadded = version === "hybrid" && files.length > 1;
    const nextBytes = isPadded ? alignToPiece(end, pieceLengthBytes, "length") : end;
    planned.push({ ...file, offsetBytes: spaceBytes, padBytes: nextBytes - end });
    spaceBytes = nextBytes;
  }
  const pieceCount = Math.ceil(spaceBytes / pieceLengthBytes);
  if (pieceCount > MAX_PIECES) {
    throw new MetainfoError(
      "too-large",
      "piece length",
      `Pieces of ${pieceLengthBytes} bytes make ${pieceCount} of them; at most ${MAX_PIECES} are ` +
        "accepted: choose a larger piece length",
    );
  }
  return { name, version, pieceLengthBytes, pieceCount, lengthBytes, spaceBytes, files: planned };
}

/**
 * What to hash for one piece of a plan.
 * @throws {RangeError} when there is no such piece.
 */
export function pieceToHash(plan: CreationPlan, piece: number): PieceToHash {
  const { version, pieceCount, pieceLengthBytes, spaceBytes, files } = plan;
  if (!Number.isInteger(piece) || piece < 0 || piece >= pieceCount) {
    throw new RangeError(`Expected a piece from 0 to ${pieceCount - 1}, got ${piece}`);
  }
  const offsetBytes = piece * pieceLengthBytes;
  const sha1LengthBytes =
    version === "v2" ? null : Math.min(pieceLengthBytes, spaceBytes - offsetBytes);
  if (version === "v1") {
    return { offsetBytes, sha1LengthBytes, leavesLengthBytes: null, leafCount: null };
  }
  const file = files[fileIndexAt(files, offsetBytes)]!;
  const rest = file.offsetBytes + file.lengthBytes - offsetBytes;
  const leavesLengthBytes = Math.min(pieceLengthBytes, rest);
  // A file of one piece is its own tree, only as wide as its blocks need (BEP 52).
  const treeBytes = file.lengthBytes > pieceLengthBytes ? pieceLengthBytes : file.lengthBytes;
  const leafCount = nextPowerOfTwo(Math.ceil(treeBytes / BLOCK_LENGTH_BYTES));
  return { offsetBytes, sha1LengthBytes, leavesLengthBytes, leafCount };
}

function checkFiles(files: readonly CreationFile[], name: string): void {
  const seen = new Set<string>();
  const folders = new Set<string>();
  for (const { path, symlinkTarget, lengthBytes } of files) {
    if (!Number.isSafeInteger(lengthBytes) || lengthBytes < 0) {
      throw new RangeError(`Expected a length in bytes, got ${lengthBytes}`);
    }
    if (symlinkTarget !== undefined && lengthBytes > 0) {
      throw new RangeError(`Expected a symbolic link to have no content, got ${lengthBytes} bytes`);
    }
    if (path.length === 0 && files.length > 1) {
      throw new RangeError("Expected paths below a folder, since there is more than one file");
    }
    for (const component of [name, ...path, ...(symlinkTarget ?? [])]) {
      if (/^\.{0,2}$|\//.test(component) || component.includes("\0")) {
        throw new RangeError(
          `Expected the name of a file or folder, got ${JSON.stringify(component)}`,
        );
      }
    }
    const key = path.join("/");
    if (seen.has(key)) throw new RangeError(`Expected each path once, got "${key}" twice`);
    seen.add(key);
    for (let depth = 1; depth < path.length; depth += 1) {
      folders.add(path.slice(0, depth).join("/"));
    }
  }
  for (const folder of folders) {
    if (seen.has(folder)) throw new RangeError(`Expected "${folder}" to be a file or a folder`);
  }
}

/** The order of a file tree's keys: component by component, by bytes of UTF-8. */
function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (const [depth, name] of a.entries()) {
    const other = b[depth];
    if (other === undefined) return 1;
    const order = Buffer.compare(Buffer.from(name), Buffer.from(other));
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
