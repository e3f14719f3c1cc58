import type { Bitfield } from "@shoal/protocol";
import type { Random } from "@shoal/runtime";
import type { PiecePicker } from "../picker/piece-picker.ts";

/** A peer is pointed to pieces of so many bytes ahead of what it asks for, and to one at least. */
const AHEAD_BYTES = 512 * 1024;
const MOST_AHEAD = 8;
/** Pieces that so many have, or will have, spread by themselves. */
const SPREAD_COPIES = 2;
/** Pieces looked at for one suggestion, in about 10 us: each piece that is asked for costs one. */
const MOST_LOOKS = 256;

/** A peer, as {@link Suggestions} deals with it. */
export interface SuggestedPeer {
  readonly isClosed: boolean;
  /** What the peer has; null while that is not known. */
  readonly have: Bitfield | null;
}

/**
 * Points the peers of a seed to pieces that nobody else has, each to another one (BEP 6, suggest
 * piece). Peers by themselves choose rare pieces, but cannot see what others are being sent at the
 * moment: without a word, much of what the first seed of a torrent sends it sends twice, and the
 * whole swarm waits for it.
 */
export class Suggestions {
  readonly #pieceCount: number;
  readonly #picker: PiecePicker;
  readonly #random: Random;
  readonly #ahead: number;
  /** The pieces that each peer was pointed to and does not have yet; true once it asked for them. */
  readonly #promised = new Map<SuggestedPeer, Map<number, boolean>>();

  constructor(init: {
    pieceCount: number;
    pieceLengthBytes: number;
    picker: PiecePicker;
    random: Random;
  }) {
    this.#pieceCount = init.pieceCount;
    this.#picker = init.picker;
    this.#random = init.random;
    this.#ahead = Math.min(MOST_AHEAD, Math.ceil(AHEAD_BYTES / init.pieceLengthBytes));
  }

  /** The peer asked for a block of this piece. @returns Whether it may need to be pointed to more. */
  requested(peer: SuggestedPeer, piece: number): boolean {
    const pieces = this.#promised.get(peer);
    if (pieces?.get(piece) === true) return false;
    if (pieces === undefined) this.#promised.set(peer, new Map([[piece, true]]));
    else pieces.set(piece, true);
    return true;
  }

  /** The peer will ask for nothing for now. */
  stopped(peer: SuggestedPeer): void {
    this.#promised.delete(peer);
  }

  /** What to point the peer to now. */
  next(peer: SuggestedPeer): readonly number[] {
    const copies = this.#countPromised();
    const own = this.#promised.get(peer) ?? new Map<number, boolean>();
    this.#promised.set(peer, own);
    let waiting = 0;
    for (const isRequested of own.values()) if (!isRequested) waiting++;
    const pieces: number[] = [];
    for (; waiting < this.#ahead; waiting++) {
      const piece = this.#rarestFor(peer, own, copies);
      if (piece === null) break;
      own.set(piece, false);
      copies.set(piece, (copies.get(piece) ?? 0) + 1);
      pieces.push(piece);
    }
    return pieces;
  }

  #countPromised(): Map<number, number> {
    const copies = new Map<number, number>();
    for (const [peer, pieces] of this.#promised) {
      if (peer.isClosed) this.#promised.delete(peer);
      for (const piece of pieces.keys()) {
        if (peer.have?.has(piece) === true) pieces.delete(piece);
        else if (!peer.isClosed) copies.set(piece, (copies.get(piece) ?? 0) + 1);
      }
    }
    return copies;
  }

  /** Each of those that are equally rare is as likely; of very many pieces, a stretch is looked at. */
  #rarestFor(
    peer: SuggestedPeer,
    own: ReadonlyMap<number, boolean>,
    promised: ReadonlyMap<number, number>,
  ): number | null {
    let rarest: number | null = null;
    let fewest = SPREAD_COPIES - 1;
    let equals = 0;
    const looks = Math.min(this.#pieceCount, MOST_LOOKS);
    let piece = looks < this.#pieceCount ? this.#random.integer(this.#pieceCount) : 0;
    for (let look = 0; look < looks; look++, piece++) {
      if (piece === this.#pieceCount) piece = 0;
      const copies = this.#picker.availability(piece) + (promised.get(piece) ?? 0);
      if (copies > fewest || own.has(piece) || peer.have?.has(piece) === true) continue;
      if (copies < fewest) equals = 0;
      fewest = copies;
      if (this.#random.integer(++equals) === 0) rarest = piece;
    }
    return rarest;
  }
}
