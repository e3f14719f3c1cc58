import type { Transfer } from "../torrent/transfer.ts";

/** What a reader is expected to take before it showed: a film in good quality, and some haste at its start. */
const FIRST_BYTES_PER_SECOND = 1024 * 1024;
const LEAST_BYTES_PER_SECOND = 64 * 1024;
const MOST_BYTES_PER_SECOND = 16 * 1024 * 1024;
/** Pieces are asked for so long before the reader comes to them, within these bounds. */
const READ_AHEAD_S = 15;
const MIN_AHEAD_BYTES = 4 * 1024 * 1024;
const MAX_AHEAD_BYTES = 64 * 1024 * 1024;
/** The share of what is new in the average. */
const WEIGHT = 0.2;

/** How fast a reader takes what it is given, and so when it comes to what. */
export class ReadPace {
  #bytesPerSecond = FIRST_BYTES_PER_SECOND;

  /** The reader took so long until it wanted more. */
  took(lengthBytes: number, durationMs: number): void {
    const rate = Math.min(MOST_BYTES_PER_SECOND, (lengthBytes / Math.max(1, durationMs)) * 1000);
    this.#bytesPerSecond +=
      (Math.max(rate, LEAST_BYTES_PER_SECOND) - this.#bytesPerSecond) * WEIGHT;
  }

  /** When the reader, at `fromBytes` of the linear space, comes to the pieces before `toBytes` that are missing. */
  deadlines(
    { metainfo, have }: Transfer,
    fromBytes: number,
    toBytes: number,
    nowMs: number,
  ): Map<number, number> {
    const { pieceLengthBytes } = metainfo;
    const ahead = Math.max(
      // The piece that is read, and the next one.
      2 * pieceLengthBytes,
      Math.min(MAX_AHEAD_BYTES, Math.max(MIN_AHEAD_BYTES, this.#bytesPerSecond * READ_AHEAD_S)),
    );
    const end = Math.min(toBytes, fromBytes + ahead);
    const deadlines = new Map<number, number>();
    const first = Math.floor(fromBytes / pieceLengthBytes);
    for (let piece = first; piece * pieceLengthBytes < end; piece++) {
      if (have.has(piece)) continue;
      const distanceBytes = Math.max(0, piece * pieceLengthBytes - fromBytes);
      deadlines.set(piece, nowMs + (distanceBytes / this.#bytesPerSecond) * 1000);
    }
    return deadlines;
  }
}
