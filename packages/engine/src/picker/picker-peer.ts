import type { BlockRequester, OpenPiece } from "./open-piece.ts";
import { hasBit, type PieceBits } from "./piece-bits.ts";

/** What the picker remembers of one peer. */
export class PickerPeer implements BlockRequester {
  /** The caller's own name for the peer. */
  readonly key: object;
  /** The peer's pieces; undefined when it has all. */
  pieces: PieceBits | undefined;
  /** How many of its pieces we want, as of the count of changes in `interestingAsOf`. */
  interesting = 0;
  interestingAsOf = -1;
  /** Blocks requested from this peer. */
  requested = 0;
  readonly #requestsIn = new Map<OpenPiece, number>();

  constructor(key: object, pieces: PieceBits | undefined) {
    this.key = key;
    this.pieces = pieces;
  }

  has(piece: number): boolean {
    return this.pieces === undefined || hasBit(this.pieces, piece);
  }

  /** The pieces in which this peer has requests. */
  requestedPieces(): OpenPiece[] {
    return [...this.#requestsIn.keys()];
  }

  countRequest(open: OpenPiece, change: 1 | -1): void {
    this.requested += change;
    const count = (this.#requestsIn.get(open) ?? 0) + change;
    if (count === 0) this.#requestsIn.delete(open);
    else this.#requestsIn.set(open, count);
  }
}
