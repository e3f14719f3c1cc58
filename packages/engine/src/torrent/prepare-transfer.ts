import { type Bitfield, type Metainfo, piecesOfFile } from "@shoal/protocol";
import { type Disk, DiskError, type Random, type Storage } from "@shoal/runtime";
import { type ReusedFile, reuseFiles } from "../reuse/reuse-files.ts";
import type { ReuseSources } from "../reuse/reuse-sources.ts";
import type { Places } from "../session/places.ts";
import { createGeometry } from "../storage/geometry.ts";
import { checkPieces } from "./check.ts";
import { type FileNames, layoutOf } from "./layout.ts";
import type { Allocation } from "./options.ts";
import { type FileChoices, planResume, type ResumeRecord } from "./resume.ts";
import type { Selection } from "./selection.ts";
import { Transfer, type TransferOwner } from "./transfer.ts";

/** A torrent that can move data. */
interface Prepared {
  readonly transfer: Transfer;
  /** The files whose shared bytes lie in the part file. */
  readonly parked: readonly number[];
  /** The paths that users gave files. */
  readonly names: FileNames;
}

/** Opens a torrent's files as they lay when `choices` were saved. @param init.infoHash Hex; names the part file. */
export function openStorage(init: {
  metainfo: Metainfo;
  infoHash: string;
  dir: string;
  disk: Disk;
  choices: FileChoices;
}): Promise<Storage> {
  const { metainfo, infoHash, dir, disk, choices } = init;
  const { pieceLengthBytes } = metainfo;
  const partFile = { path: [`.${infoHash}.parts`], pieceLengthBytes, parked: choices.parked ?? [] };
  return disk.open(layoutOf(metainfo, dir, partFile, new Map(choices.names)));
}

/** A renaming that was interrupted is carried on, unless its place was taken. */
async function finishRenaming(storage: Storage, choices: FileChoices): Promise<FileNames> {
  const names = new Map(choices.names);
  const renaming = new Map(choices.renaming);
  if (renaming.size === 0) return names;
  try {
    await storage.rename(renaming, true);
  } catch (error) {
    if (error instanceof DiskError && error.code === "exists") return names;
    throw error;
  }
  return new Map([...names, ...renaming]);
}

/**
 * Opens a torrent's files and finds out what is there already: from resume data where it can be
 * believed, else by hashing.
 * @param init.onProgress Part of the check that is done, 0 to 1.
 * @throws {DiskError} when the files cannot be opened or read; an AbortError when `signal` is aborted.
 */
export async function prepareTransfer(init: {
  owner: TransferOwner;
  metainfo: Metainfo;
  /** Hex; names the part file. */
  infoHash: string;
  dir: string;
  disk: Disk;
  random: Random;
  /** What to believe of the files; null to check all of them. */
  record: ResumeRecord | null;
  choices: FileChoices;
  allocation: Allocation;
  selection: Selection;
  sequential: boolean;
  /** Files elsewhere that may be this torrent's; null to look for none. */
  sources: ReuseSources | null;
  onReused: (file: ReusedFile) => void;
  signal: AbortSignal;
  /** Torrents are checked one after the other. */
  checking: Places;
  onProgress: (part: number) => void;
}): Promise<Prepared> {
  const storage = await openStorage(init);
  try {
    const names = await finishRenaming(storage, init.choices);
    return { ...(await fillTransfer(storage, init)), names };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function fillTransfer(
  storage: Storage,
  init: Parameters<typeof prepareTransfer>[0],
): Promise<Omit<Prepared, "names">> {
  const { owner, metainfo, disk, random, record, selection, signal, onProgress } = init;
  // Where nothing is remembered, what is not wanted and not there was parked, if it ever was here.
  let parked = record === null ? await storage.park(selection.skipped) : [];
  const reused = await reuse(storage, init);
  const plan = planResume({ record, now: await storage.states(), ...metainfo });
  const transfer = new Transfer({
    owner,
    metainfo,
    geometry: createGeometry(metainfo),
    storage,
    pool: disk.pool,
    random,
    have: plan.have,
  });
  let done = 0;
  const unchecked = withPiecesOf(reused, plan, metainfo);
  const leave = unchecked.length > 0 ? await init.checking.enter(signal) : () => {};
  await checkPieces({
    storage,
    pieces: unchecked,
    checkOf: (piece) => transfer.checkOf(piece),
    width: disk.checkWidth,
    signal,
    onPiece: (piece, ok) => {
      onProgress(++done / unchecked.length);
      if (ok) transfer.foundOnDisk(piece);
    },
  }).finally(leave);
  if (record !== null) parked = await storage.park(selection.skipped);
  if (init.allocation === "preallocate") await storage.allocate(selection.wanted);
  selection.begin(transfer.have);
  selection.applyTo(transfer.picker);
  transfer.picker.setSequential(init.sequential);
  return { transfer, parked };
}

/** Copies what lies on disk elsewhere. @returns the files that are here by that. */
async function reuse(
  storage: Storage,
  { metainfo, disk, sources, selection, signal, onReused }: Parameters<typeof prepareTransfer>[0],
): Promise<readonly number[]> {
  if (sources === null || sources.size === 0) return [];
  const states = await storage.states();
  const isMissing = (index: number): boolean =>
    states[index]?.lengthBytes === null && selection.isWanted(index);
  const reused = await reuseFiles({ metainfo, storage, disk, sources, isMissing, signal });
  for (const file of reused) onReused(file);
  return reused.map(({ fileIndex }) => fileIndex);
}

/** The pieces to check: those of the plan, and those of files that the plan knows nothing of. */
function withPiecesOf(
  files: readonly number[],
  { check, have }: { check: readonly number[]; have: Bitfield },
  metainfo: Metainfo,
): readonly number[] {
  if (files.length === 0) return check;
  const pieces = new Set(check);
  for (const index of files) {
    const { first, end } = piecesOfFile(metainfo, index);
    for (let piece = first; piece < end; piece++) if (!have.has(piece)) pieces.add(piece);
  }
  return [...pieces].toSorted((a, b) => a - b);
}
