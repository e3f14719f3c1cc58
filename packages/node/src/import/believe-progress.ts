import { join } from "node:path";
import type { Metainfo } from "@shoal/protocol";
import type { FileState } from "@shoal/runtime";
import type { LocalFiles } from "../local-files/local-files.ts";
import type { ImportedTorrent } from "./imported-torrent.ts";

const BLOCK_BYTES = 16 * 1024;
/** Times that are whole seconds stand for any moment within them. */
const SECOND_MS = 1000;
const UNKNOWN: FileState = { lengthBytes: null, modifiedMs: null };

/** What of another client's claims is believed, and what is to be hashed. */
export interface BelievedProgress {
  /** Bits of pieces, as on the wire. */
  readonly have: Uint8Array;
  /** Files as they are, where they are believed; the others are hashed where they exist. */
  readonly files: readonly FileState[];
  /** By index, where a file has another path than the torrent says. */
  readonly names: readonly (readonly [number, readonly string[]])[];
}

/**
 * Believes a piece where every file that it touches is as long as it has to be, and was not changed after the other client
 * had verified it. Everything else that exists is hashed when the torrent is added.
 */
export async function believeProgress(
  torrent: ImportedTorrent,
  metainfo: Metainfo,
  folder: string,
  local: LocalFiles,
): Promise<BelievedProgress> {
  const { files, pieceLengthBytes } = metainfo;
  // Lists of another length speak of other files: some count those that only pad.
  const paths = torrent.paths.length === files.length ? torrent.paths : [];
  const names = paths.flatMap((path, index) =>
    path === null || path.join("/") === files[index]!.path.join("/")
      ? []
      : [[index, path] as const],
  );
  const renamed = new Map(names);
  const states: FileState[] = [];
  const have = claimedPieces(torrent.have, metainfo);
  for (const [index, { path, lengthBytes, offsetBytes }] of files.entries()) {
    const stamp = await local.stamp(join(folder, ...(renamed.get(index) ?? path)));
    const { verifiedAtMs } = torrent;
    const verifiedMs = typeof verifiedAtMs === "number" ? verifiedAtMs : (verifiedAtMs[index] ?? 0);
    const isBelieved =
      stamp !== null &&
      verifiedMs > 0 &&
      stamp.lengthBytes <= lengthBytes &&
      stamp.modifiedMs < verifiedMs + SECOND_MS;
    states.push(isBelieved ? { ...stamp } : UNKNOWN);
    if (lengthBytes === 0) continue;
    const first = Math.floor(offsetBytes / pieceLengthBytes);
    const last = Math.floor((offsetBytes + lengthBytes - 1) / pieceLengthBytes);
    for (let piece = first; piece <= last; piece++) {
      const endsAt = Math.min((piece + 1) * pieceLengthBytes - offsetBytes, lengthBytes);
      if (!isBelieved || stamp.lengthBytes < endsAt) clear(have, piece);
    }
  }
  return { have, files: states, names };
}

function claimedPieces(have: ImportedTorrent["have"], metainfo: Metainfo): Uint8Array {
  const { pieceCount } = metainfo;
  const pieces = new Uint8Array(Math.ceil(pieceCount / 8));
  for (let piece = 0; piece < pieceCount; piece++) {
    if (isClaimed(have, piece, metainfo)) pieces[piece >> 3]! |= 0x80 >> (piece & 7);
  }
  return pieces;
}

function isClaimed(
  have: ImportedTorrent["have"],
  piece: number,
  { pieceLengthBytes, lengthBytes }: Metainfo,
): boolean {
  if (typeof have === "string") return have === "all";
  const { unit, bits } = have;
  if (unit === "piece") return has(bits, piece);
  // Blocks of another length than the usual one mean that this is read wrong.
  if (pieceLengthBytes % BLOCK_BYTES !== 0) return false;
  const end = Math.min((piece + 1) * pieceLengthBytes, lengthBytes) / BLOCK_BYTES;
  for (let block = (piece * pieceLengthBytes) / BLOCK_BYTES; block < end; block++) {
    if (!has(bits, block)) return false;
  }
  return true;
}

function has(bits: Uint8Array, index: number): boolean {
  return ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
}

function clear(bits: Uint8Array, index: number): void {
  bits[index >> 3]! &= ~(0x80 >> (index & 7));
}
