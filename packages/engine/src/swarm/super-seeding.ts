import type { Bitfield } from "@shoal/protocol";
import type { Random } from "@shoal/runtime";
import type { PiecePicker } from "../picker/piece-picker.ts";

/**
 * Nobody has downloaded anything for so long, since all wait for others to spread what they have: then
 * waiting longer only leaves the line idle.
 */
const IDLE_MS = 10_000;
/** A peer that shows no interest for so long has the piece that it was told of, and did not say so. */
const DECLINED_MS = 30_000;

/** A peer, as super seeding deals with it. */
export interface SuperSeededPeer {
  /** What the peer says that it has; null while that is not known. */
  readonly have: Bitfield | null;
  readonly uploadOnly: boolean;
  readonly peerInterested: boolean;
  /** Tells it of one piece, and serves that. */
  readonly telling: { reveal(piece: number): void };
}

/**
 * Super seeding (BEP 16): each peer is told of one piece, the rarest, and of the next once another peer
 * was seen to have that one. So the first seed of a torrent sends hardly anything twice, and
 * whoever passes on what it got is served first.
 *
 * It is a worse way to seed once there are other seeds: it is for whoever has the only copy.
 */
export class SuperSeeding {
  readonly #pieceCount: number;
  readonly #picker: PiecePicker;
  readonly #random: Random;
  /** The piece that each peer was told of last; null for one that has everything. */
  readonly #current = new Map<SuperSeededPeer, number | null>();
  /** When each peer was told of its piece, and which ones it did not want. */
  readonly #toldMs = new Map<SuperSeededPeer, number>();
  readonly #declined = new WeakMap<SuperSeededPeer, Set<number>>();
  #busyMs: number;
  #nowMs: number;

  constructor(init: { pieceCount: number; picker: PiecePicker; random: Random; nowMs: number }) {
    this.#pieceCount = init.pieceCount;
    this.#picker = init.picker;
    this.#random = init.random;
    this.#busyMs = init.nowMs;
    this.#nowMs = init.nowMs;
  }

  /** A peer is here that knows of nothing. To be called once it has said what it has. */
  add(peer: SuperSeededPeer): void {
    if (!this.#current.has(peer)) this.#revealNext(peer);
  }

  remove(peer: SuperSeededPeer): void {
    this.#current.delete(peer);
    this.#toldMs.delete(peer);
    // Who was waiting for this one to be passed a piece need not wait any more.
    for (const piece of new Set(this.#current.values())) this.#review(piece);
  }

  /** A peer got a piece. */
  onHave(peer: SuperSeededPeer, piece: number): void {
    if (this.#current.has(peer)) this.#review(piece);
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#skipDeclined();
    const waiting: SuperSeededPeer[] = [];
    for (const [peer, piece] of this.#current) {
      if (piece === null) continue;
      if (!this.#has(peer, piece)) {
        this.#busyMs = nowMs;
        return;
      }
      waiting.push(peer);
    }
    if (nowMs - this.#busyMs < IDLE_MS) return;
    this.#busyMs = nowMs;
    for (const peer of waiting) this.#revealNext(peer);
  }

  #skipDeclined(): void {
    for (const [peer, piece] of this.#current) {
      const isPatient = peer.peerInterested || this.#nowMs - this.#toldMs.get(peer)! < DECLINED_MS;
      if (piece === null || isPatient || this.#has(peer, piece)) continue;
      const declined = this.#declined.get(peer) ?? new Set();
      this.#declined.set(peer, declined.add(piece));
      this.#revealNext(peer);
    }
  }

  /** Whoever was told of this piece, and has passed it on, gets to know of another. */
  #review(piece: number | null): void {
    if (piece === null) return;
    for (const [peer, current] of this.#current) {
      if (current === piece && this.#has(peer, piece) && this.#isSpread(peer, piece)) {
        this.#revealNext(peer);
      }
    }
  }

  /** Whether another leecher has the piece, or none is left that could want it of this peer. */
  #isSpread(peer: SuperSeededPeer, piece: number): boolean {
    let couldWant = false;
    for (const other of this.#current.keys()) {
      if (other === peer || other.uploadOnly) continue;
      if (this.#has(other, piece)) return true;
      couldWant = true;
    }
    return !couldWant;
  }

  #revealNext(peer: SuperSeededPeer): void {
    const piece = this.#rarestFor(peer);
    this.#current.set(peer, piece);
    if (piece === null) return;
    this.#toldMs.set(peer, this.#nowMs);
    peer.telling.reveal(piece);
  }

  /** The piece that fewest have or will have, of those that the peer lacks. */
  #rarestFor(peer: SuperSeededPeer): number | null {
    if (peer.uploadOnly) return null;
    const promised = this.#countPromised();
    const declined = this.#declined.get(peer);
    let rarest: number | null = null;
    let fewest = Infinity;
    let equals = 0;
    for (let piece = 0; piece < this.#pieceCount; piece++) {
      if (this.#has(peer, piece) || declined?.has(piece) === true) continue;
      const copies = this.#picker.availability(piece) + (promised.get(piece) ?? 0);
      if (copies > fewest) continue;
      if (copies < fewest) equals = 0;
      fewest = copies;
      // Each of those that are equally rare is as likely.
      if (this.#random.integer(++equals) === 0) rarest = piece;
    }
    return rarest;
  }

  /** How many peers were told of each piece and do not have it yet. */
  #countPromised(): Map<number, number> {
    const promised = new Map<number, number>();
    for (const [peer, piece] of this.#current) {
      if (piece === null || this.#has(peer, piece)) continue;
      promised.set(piece, (promised.get(piece) ?? 0) + 1);
    }
    return promised;
  }

  #has(peer: SuperSeededPeer, piece: number): boolean {
    return peer.have?.has(piece) === true;
  }
}
