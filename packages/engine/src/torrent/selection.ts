import {
  Bitfield,
  fileIndexAt,
  type Metainfo,
  type MetainfoFile,
  piecesOfFile,
} from "@shoal/protocol";
import type { PiecePicker } from "../picker/piece-picker.ts";
import { FILE_PRIORITIES, type FilePriority, toFilePriority } from "./file-priority.ts";
import type { FileChoices } from "./resume.ts";
import { selectionOf, type TorrentSource } from "./source.ts";
import type { FileStatus } from "./status.ts";

/** Says of each file how much it is wanted; `true` means normal, `false` skip. */
export type FileSelector = (file: MetainfoFile, index: number) => boolean | FilePriority;

/** Both ends of a file that players want first: a hundredth of it each, a piece at least, and at most so much. */
const MAX_END_BYTES = 16 * 1024 * 1024;

/** How much each file of a torrent is wanted, and how much of it is here. */
export class Selection {
  readonly #metainfo: Metainfo;
  readonly #priorities: Uint8Array;
  /** Verified bytes of each file. */
  readonly #doneBytes: Float64Array;
  #wantedBytes = 0;
  #wantedDoneBytes = 0;
  /** Pieces at the ends of files, when those come first. */
  #ends: Bitfield | null = null;

  /** @param priorities One per file; what is missing is normal. */
  constructor(metainfo: Metainfo, priorities: readonly number[]) {
    this.#metainfo = metainfo;
    const { files } = metainfo;
    this.#priorities = Uint8Array.from(
      files,
      (_, index) => priorities[index] ?? FILE_PRIORITIES.normal,
    );
    this.#doneBytes = new Float64Array(files.length);
    this.#sum();
  }

  /** Bytes of the wanted files, and how many of them are verified. */
  get wantedBytes(): number {
    return this.#wantedBytes;
  }
  get wantedDoneBytes(): number {
    return this.#wantedDoneBytes;
  }
  /** Bytes of wanted files that are not verified yet. */
  get leftBytes(): number {
    return this.#wantedBytes - this.#wantedDoneBytes;
  }

  /** Every file is wanted as much as any. */
  get isPlain(): boolean {
    return this.#priorities.every((priority) => priority === FILE_PRIORITIES.normal);
  }

  /** By file. */
  get priorities(): readonly number[] {
    return [...this.#priorities];
  }

  get files(): readonly FileStatus[] {
    return this.#metainfo.files.map(({ path, lengthBytes }, index) => ({
      path,
      lengthBytes,
      wanted: this.isWanted(index),
      priority: this.#priorities[index] as FilePriority,
      doneBytes: this.#doneBytes[index]!,
    }));
  }

  /** Indices of the files that are wanted. */
  get wanted(): readonly number[] {
    return [...this.#priorities.keys()].filter((index) => this.isWanted(index));
  }

  /** Indices of the files that are not wanted. */
  get skipped(): readonly number[] {
    return [...this.#priorities.keys()].filter((index) => !this.isWanted(index));
  }

  isWanted(fileIndex: number): boolean {
    return this.#priorities[fileIndex] !== FILE_PRIORITIES.skip;
  }

  /** Counts what is here when a torrent starts. */
  begin(have: Bitfield): void {
    this.#doneBytes.fill(0);
    for (let index = 0; index < this.#doneBytes.length; index++) {
      const { first, end } = piecesOfFile(this.#metainfo, index);
      for (let piece = first; piece < end; piece++) {
        if (have.has(piece)) this.#doneBytes[index]! += this.#overlap(index, piece);
      }
    }
    this.#sum();
  }

  /** A piece was verified. */
  verified(piece: number): void {
    this.#forFilesIn(piece, (index) => {
      const lengthBytes = this.#overlap(index, piece);
      this.#doneBytes[index]! += lengthBytes;
      if (this.isWanted(index)) this.#wantedDoneBytes += lengthBytes;
    });
  }

  /** A piece that was verified is gone. */
  lost(piece: number): void {
    this.#forFilesIn(piece, (index) => {
      const lengthBytes = this.#overlap(index, piece);
      this.#doneBytes[index]! -= lengthBytes;
      if (this.isWanted(index)) this.#wantedDoneBytes -= lengthBytes;
    });
  }

  /**
   * Changes how much files are wanted.
   * @returns the pieces that this concerns.
   * @throws {RangeError} when there is no such file; nothing was changed then.
   */
  set(fileIndices: readonly number[], priority: FilePriority): Bitfield {
    const { files, pieceCount } = this.#metainfo;
    const pieces = new Bitfield(pieceCount);
    for (const index of fileIndices) {
      if (files[index] === undefined)
        throw new RangeError(`Expected a file from 0 to ${files.length - 1}, got ${index}.`);
    }
    for (const index of fileIndices) {
      if (this.#priorities[index] === priority) continue;
      this.#priorities[index] = priority;
      const { first, end } = piecesOfFile(this.#metainfo, index);
      for (let piece = first; piece < end; piece++) pieces.set(piece);
    }
    this.#sum();
    return pieces;
  }

  get areEndsFirst(): boolean {
    return this.#ends !== null;
  }

  get allPieces(): Bitfield {
    const pieces = new Bitfield(this.#metainfo.pieceCount);
    for (let piece = 0; piece < this.#metainfo.pieceCount; piece++) pieces.set(piece);
    return pieces;
  }

  /** Whether the first and last piece of each file come before the rest of it. */
  setEndsFirst(isOn: boolean): void {
    this.#ends = isOn ? findEnds(this.#metainfo) : null;
  }

  /** Gives pieces the highest priority of the files in them. @param pieces all when absent. */
  applyTo(picker: PiecePicker, pieces?: Bitfield): void {
    const { pieceCount } = this.#metainfo;
    if (pieces === undefined && this.isPlain && this.#ends === null) return;
    if (pieces !== undefined) return pieces.forEach((piece) => this.#applyToPiece(picker, piece));
    for (let piece = 0; piece < pieceCount; piece++) this.#applyToPiece(picker, piece);
  }

  #applyToPiece(picker: PiecePicker, piece: number): void {
    let priority = -1;
    this.#forFilesIn(piece, (index) => {
      priority = Math.max(priority, this.#priorities[index]!);
    });
    // A piece of nothing but padding belongs to no file: it stays as it is.
    if (priority < 0) return;
    if (priority > 0 && this.#ends?.has(piece) === true) priority = FILE_PRIORITIES.top;
    if (picker.priority(piece) !== priority) picker.setPriority(piece, priority);
  }

  #forFilesIn(piece: number, visit: (fileIndex: number) => void): void {
    const { files, pieceLengthBytes } = this.#metainfo;
    const start = piece * pieceLengthBytes;
    const end = start + pieceLengthBytes;
    for (let index = fileIndexAt(files, start); index < files.length; index++) {
      const file = files[index]!;
      if (file.offsetBytes >= end) return;
      if (file.lengthBytes > 0) visit(index);
    }
  }

  /** Bytes that a file and a piece share. */
  #overlap(fileIndex: number, piece: number): number {
    const { pieceLengthBytes } = this.#metainfo;
    const { offsetBytes, lengthBytes } = this.#metainfo.files[fileIndex]!;
    const start = Math.max(offsetBytes, piece * pieceLengthBytes);
    return Math.min(offsetBytes + lengthBytes, (piece + 1) * pieceLengthBytes) - start;
  }

  #sum(): void {
    this.#wantedBytes = 0;
    this.#wantedDoneBytes = 0;
    this.#metainfo.files.forEach(({ lengthBytes }, index) => {
      if (!this.isWanted(index)) return;
      this.#wantedBytes += lengthBytes;
      this.#wantedDoneBytes += this.#doneBytes[index]!;
    });
  }
}

/** What a torrent begins with: see {@link choosePriorities}. */
export function createSelection(
  metainfo: Metainfo,
  source: TorrentSource,
  options: { readonly select?: FileSelector; readonly endsFirst?: boolean },
  saved: FileChoices = {},
): Selection {
  const priorities = choosePriorities(metainfo, {
    select: options.select,
    saved: saved.priorities ?? null,
    asked: selectionOf(source),
  });
  const selection = new Selection(metainfo, priorities);
  selection.setEndsFirst(options.endsFirst ?? saved.endsFirst ?? false);
  return selection;
}

/** By file: what `select` says, else what was saved, else what the torrent's source asks for. */
export function choosePriorities(
  metainfo: Metainfo,
  choices: {
    select: FileSelector | undefined;
    saved: readonly number[] | null;
    asked: FileSelector | undefined;
  },
): number[] {
  const { select, saved, asked } = choices;
  if (select === undefined && saved !== null) return [...saved];
  const chosen = select ?? asked ?? (() => true);
  return metainfo.files.map((file, index) => {
    const answer = chosen(file, index);
    if (typeof answer !== "boolean") return toFilePriority(answer);
    return answer ? FILE_PRIORITIES.normal : FILE_PRIORITIES.skip;
  });
}

function findEnds(metainfo: Metainfo): Bitfield {
  const { files, pieceLengthBytes, pieceCount } = metainfo;
  const ends = new Bitfield(pieceCount);
  files.forEach(({ lengthBytes }, index) => {
    const { first, end } = piecesOfFile(metainfo, index);
    const count = Math.max(
      1,
      Math.floor(Math.min(lengthBytes / 100, MAX_END_BYTES) / pieceLengthBytes),
    );
    for (let piece = first; piece < Math.min(end, first + count); piece++) ends.set(piece);
    for (let piece = Math.max(first, end - count); piece < end; piece++) ends.set(piece);
  });
  return ends;
}
