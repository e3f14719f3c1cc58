import { Bitfield } from "@shoal/protocol";
import { protocolError } from "../errors.ts";

/** Piece numbers kept before the number of pieces is known; a peer that sends more is cut short. */
const MAX_EARLY_HAVES = 100_000;
/**
 * A peer says that it has all or nothing once, or twice where it began without metadata. Each time costs work for
 * every piece, however short the message. A bitfield is as long as that work, and may come again and again: aria2
 * sends one where others send many haves.
 */
const MAX_SHORT_STATEMENTS = 8;

/** What a peer said of its pieces before this side knew how many there are (magnet links). */
export class EarlyPieces {
  #pieces: Uint8Array | "all" | "none" = "none";
  #haves: number[] = [];
  #statements = 0;
  /** The peer said what it has, whatever it was. */
  isTold = false;

  /** @throws {PeerError} `protocol` when the peer keeps saying it anew. */
  set(pieces: Uint8Array | "all" | "none"): void {
    if (typeof pieces === "string" && ++this.#statements > MAX_SHORT_STATEMENTS) {
      throw protocolError("it keeps saying anew what it has");
    }
    this.#pieces = pieces;
    this.isTold = true;
  }

  addHave(piece: number): void {
    if (this.#haves.length < MAX_EARLY_HAVES) this.#haves.push(piece);
  }

  /** The piece is gone (BEP 54). */
  removePiece(piece: number): void {
    // As a negative number, so that what was said last holds.
    if (this.#haves.length < MAX_EARLY_HAVES) this.#haves.push(-1 - piece);
  }

  /**
   * What the peer has, now that the number of pieces is known.
   * @throws {PeerWireError} `bad-bitfield` when its bitfield does not fit.
   */
  applyTo(pieceCount: number): Bitfield {
    const pieces = this.#pieces;
    const have =
      pieces instanceof Uint8Array && pieceCount > 0
        ? Bitfield.fromBytes(pieces, pieceCount)
        : new Bitfield(pieceCount);
    if (pieces === "all") have.setAll();
    for (const said of this.#haves) {
      const piece = said < 0 ? -1 - said : said;
      if (piece >= pieceCount) continue;
      if (said < 0) have.clear(piece);
      else have.set(piece);
    }
    this.#pieces = "none";
    this.#haves = [];
    return have;
  }
}
