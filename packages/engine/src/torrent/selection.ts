import { Bitfield, type Metainfo, type MetainfoFile, piecesOfFile } from "@shoal/protocol";
import type { PiecePicker } from "../picker/piece-picker.ts";
import type { FileStatus } from "./status.ts";

const SKIPPED = 0;
const NORMAL = 4;

/** Which files of a torrent are wanted. */
export class Selection {
  readonly #metainfo: Metainfo;
  /** One per file. */
  readonly wanted: readonly boolean[];
  /** Bytes of the wanted files. */
  readonly wantedBytes: number;

  constructor(
    metainfo: Metainfo,
    select: ((file: MetainfoFile, index: number) => boolean) | undefined,
  ) {
    this.#metainfo = metainfo;
    this.wanted = metainfo.files.map((file, index) => select?.(file, index) ?? true);
    this.wantedBytes = metainfo.files.reduce(
      (sum, file, index) => sum + (this.wanted[index] === true ? file.lengthBytes : 0),
      0,
    );
  }

  get files(): readonly FileStatus[] {
    return this.#metainfo.files.map(({ path, lengthBytes }, index) => ({
      path,
      lengthBytes,
      wanted: this.wanted[index] === true,
    }));
  }

  /** Skips the pieces of files that are not wanted, unless a wanted file shares them. */
  applyTo(picker: PiecePicker): void {
    if (this.wanted.every(Boolean)) return;
    const { pieceCount } = this.#metainfo;
    const wanted = new Bitfield(pieceCount);
    this.wanted.forEach((isWanted, index) => {
      if (!isWanted) return;
      const { first, end } = piecesOfFile(this.#metainfo, index);
      for (let piece = first; piece < end; piece++) wanted.set(piece);
    });
    for (let piece = 0; piece < pieceCount; piece++) {
      picker.setPriority(piece, wanted.has(piece) ? NORMAL : SKIPPED);
    }
  }

  /** Bytes of wanted files that are not verified yet; exact but for pieces that files share. */
  leftBytes(picker: PiecePicker): number {
    if (picker.isComplete) return 0;
    return Math.min(this.wantedBytes, picker.piecesLeft * this.#metainfo.pieceLengthBytes);
  }
}
