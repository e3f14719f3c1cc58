import { describePiece, type Metainfo, piecesOfFile } from "@shoal/protocol";
import { type Disk, DiskError, type PieceCheck, type Storage } from "@shoal/runtime";
import { checkPieces } from "../torrent/check.ts";
import type { ReuseSource, ReuseSources } from "./reuse-sources.ts";

/** Files of the right length that are tried for one of a torrent's. */
const MAX_TRIED = 4;

/** A file that was not fetched, since it was found elsewhere. */
export interface ReusedFile {
  readonly fileIndex: number;
  /** Where it was found. */
  readonly from: string;
  /** `cloned`: the two share their blocks on disk, until one of them changes. */
  readonly how: "cloned" | "copied";
}

/**
 * Looks for the content of files that are not there yet among files that lie on disk elsewhere: of those
 * that have the right length, one whose every whole piece agrees with the torrent's hashes is copied into
 * place. Nothing is believed by that: what was copied is to be checked like everything else.
 * @param init.isMissing Which files to look for.
 * @throws {DiskError} when a copy cannot be written; an AbortError when `signal` is aborted.
 */
export async function reuseFiles(init: {
  metainfo: Metainfo;
  storage: Storage;
  disk: Disk;
  sources: ReuseSources;
  isMissing: (fileIndex: number) => boolean;
  signal: AbortSignal;
}): Promise<ReusedFile[]> {
  const { metainfo, storage, sources, isMissing, signal } = init;
  const reused: ReusedFile[] = [];
  for (const [fileIndex, file] of metainfo.files.entries()) {
    if (file.lengthBytes === 0 || file.attributes.symlinkTarget !== null) continue;
    const candidates = sources.get(file.lengthBytes);
    if (candidates === undefined || !isMissing(fileIndex)) continue;
    for (const source of bestOf(candidates, file)) {
      signal.throwIfAborted();
      if (!(await holdsFile(source, fileIndex, init))) continue;
      const from = [source.root, ...source.path].join("/");
      const how = await storage.adopt(fileIndex, from);
      if (how === null) continue;
      reused.push({ fileIndex, from, how });
      break;
    }
  }
  return reused;
}

/** Those with the same root first, then related torrents', then those of the same name. */
function bestOf(
  candidates: readonly ReuseSource[],
  { path, piecesRoot }: Metainfo["files"][number],
): readonly ReuseSource[] {
  const score = (source: ReuseSource): number => {
    const isSame = piecesRoot !== null && source.piecesRoot !== null;
    const isNamesake = source.path.at(-1) === path.at(-1);
    return (isSame ? 0 : 10) + source.rank * 2 + (isNamesake ? 0 : 1);
  };
  return candidates
    .filter((source) => {
      if (piecesRoot === null || source.piecesRoot === null) return true;
      return Buffer.compare(piecesRoot, source.piecesRoot) === 0;
    })
    .toSorted((a, b) => score(a) - score(b))
    .slice(0, MAX_TRIED);
}

/** Whether every piece that lies whole within the file is good in a candidate; there must be one. */
async function holdsFile(
  { root, path }: ReuseSource,
  fileIndex: number,
  { metainfo, disk, signal }: Parameters<typeof reuseFiles>[0],
): Promise<boolean> {
  const { offsetBytes, lengthBytes } = metainfo.files[fileIndex]!;
  const checks = wholePieces(metainfo, fileIndex);
  if (checks.length === 0) return false;
  let candidate: Storage;
  try {
    candidate = await disk.open({ root, files: [{ path, offsetBytes, lengthBytes }] });
  } catch (error) {
    if (error instanceof DiskError) return false;
    throw error;
  }
  try {
    // The first alone: most files of one length have nothing else in common.
    if (!(await candidate.check(checks[0]!)).ok) return false;
    let isGood = true;
    await checkPieces({
      storage: candidate,
      pieces: checks.keys().drop(1).toArray(),
      checkOf: (index) => (isGood ? checks[index]! : null),
      width: disk.checkWidth,
      signal,
      onPiece: (_index, ok) => (isGood &&= ok),
    });
    return isGood;
  } catch (error) {
    if (error instanceof DiskError) return false;
    throw error;
  } finally {
    await candidate.close();
  }
}

/** Checks of the pieces with bytes of this file alone whose hashes are known. */
function wholePieces(metainfo: Metainfo, fileIndex: number): PieceCheck[] {
  const { files, pieceLengthBytes } = metainfo;
  const { offsetBytes: start, lengthBytes } = files[fileIndex]!;
  const end = start + lengthBytes;
  const next = files.slice(fileIndex + 1).find((file) => file.lengthBytes > 0)?.offsetBytes;
  const { first, end: endPiece } = piecesOfFile(metainfo, fileIndex);
  const checks: PieceCheck[] = [];
  for (let piece = first; piece < endPiece; piece++) {
    const pieceEnd = (piece + 1) * pieceLengthBytes;
    // The last piece is the file's own where only padding follows.
    const isWhole = pieceEnd <= end || next === undefined || next >= pieceEnd;
    if (piece * pieceLengthBytes < start || !isWhole) continue;
    const { offsetBytes, lengthBytes: pieceLength, sha1, merkle } = describePiece(metainfo, piece);
    if (sha1 === null && merkle === null) continue;
    checks.push({
      offsetBytes,
      lengthBytes: pieceLength,
      ...(sha1 === null ? {} : { sha1 }),
      ...(merkle === null ? {} : { merkle }),
    });
  }
  return checks;
}
