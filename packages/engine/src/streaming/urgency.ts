import type { Urgent } from "../picker/block-selection.ts";
import type { PiecePicker } from "../picker/piece-picker.ts";
import type { TransferPeer } from "../torrent/transfer-peer.ts";

/** For so long what the peers can do counts as known: it changes with every block. */
const FRESH_MS = 250;
/** A peer that takes so many times what the best one takes is still asked; a slower one only where it is in time. */
const GOOD_ENOUGH = 2;
/** Blocks that are due within this are asked of others too when they are late. */
const DUE_MS = 4000;

/** Which peers are asked for what is read while it comes, and the deadlines of all who read. */
export class Urgency {
  readonly #picker: PiecePicker;
  readonly #peers: Iterable<TransferPeer>;
  readonly #windows = new Map<object, ReadonlyMap<number, number>>();
  /** The least time that a block of a piece takes now, of all who have the piece. */
  readonly #best = new Map<number, number>();
  #bestAtMs = -Infinity;

  constructor(picker: PiecePicker, peers: Iterable<TransferPeer>) {
    this.#picker = picker;
    this.#peers = peers;
  }

  /**
   * Says what a reader comes to next.
   * @param reader Whoever it is; what it said before is void.
   * @param deadlines By piece, in milliseconds of the monotonic clock.
   */
  expect(reader: object, deadlines: ReadonlyMap<number, number>): void {
    const before = this.#windows.get(reader);
    if (deadlines.size === 0) this.#windows.delete(reader);
    else this.#windows.set(reader, deadlines);
    let isNew = false;
    for (const piece of new Set([...(before?.keys() ?? []), ...deadlines.keys()])) {
      isNew ||= before?.has(piece) !== true;
      this.#picker.setDeadline(piece, this.#earliest(piece));
    }
    if (isNew) for (const peer of this.#peers) peer.wake();
  }

  /** What a peer can do now that takes so long for a block. */
  of(blockMs: number, nowMs: number): Urgent {
    return {
      serves: (piece, deadlineMs) =>
        nowMs + blockMs <= deadlineMs || blockMs <= GOOD_ENOUGH * this.#bestFor(piece, nowMs),
      isLate: (other, deadlineMs) =>
        deadlineMs < nowMs + DUE_MS && (other as TransferPeer).isLate(nowMs, blockMs),
    };
  }

  #earliest(piece: number): number | null {
    let earliest: number | null = null;
    for (const window of this.#windows.values()) {
      const deadline = window.get(piece);
      if (deadline !== undefined) earliest = Math.min(earliest ?? Infinity, deadline);
    }
    return earliest;
  }

  #bestFor(piece: number, nowMs: number): number {
    if (nowMs - this.#bestAtMs > FRESH_MS) {
      this.#best.clear();
      this.#bestAtMs = nowMs;
    }
    let best = this.#best.get(piece);
    if (best !== undefined) return best;
    best = Infinity;
    for (const peer of this.#peers) {
      if (peer.blockMs < best && peer.have?.has(piece) === true) best = peer.blockMs;
    }
    this.#best.set(piece, best);
    return best;
  }
}
