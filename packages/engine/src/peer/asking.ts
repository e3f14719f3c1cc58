import {
  type Bitfield,
  BLOCK_LENGTH_BYTES,
  encodeInterested,
  encodeNotInterested,
} from "@shoal/protocol";
import { protocolError } from "../errors.ts";
import type { Transfer } from "../torrent/transfer.ts";
import { Requester } from "./requester.ts";

/** Suggested or allowed pieces remembered of a peer. */
const MAX_HINTS = 64;

/** What {@link Asking} needs of its peer, which is also what the picker knows the peer by. */
export interface AskingPeer {
  readonly fast: boolean;
  readonly downloadRate: number;
  /** It gets whole pieces for itself alone. */
  readonly onParole: boolean;
  isLate(nowMs: number, otherMs: number): boolean;
  send(bytes: Uint8Array): void;
  /** Bytes that the flow gate lets be outstanding. */
  downloadCredit(): number;
  expectPayload(expected: boolean): void;
  /** Nothing is to be asked of the peer now, though it would answer. */
  onIdle(): void;
}

/** What this side wants of a peer: what the peer has, whether that is of interest, and the requests. */
export class Asking {
  /** This side wants something that the peer has. */
  interested = false;
  #have: Bitfield;
  readonly #transfer: Transfer;
  readonly #peer: AskingPeer;
  readonly #requester: Requester;
  /** Pieces that may be requested while the peer chokes (BEP 6). */
  readonly #allowed = new Set<number>();
  readonly #suggested = new Set<number>();
  #choked: boolean;

  constructor(transfer: Transfer, peer: AskingPeer, have: Bitfield, isChoked: boolean) {
    this.#transfer = transfer;
    this.#peer = peer;
    this.#have = have;
    this.#choked = isChoked;
    transfer.picker.addPeer(peer, have.isFull ? "all" : have);
    this.#requester = new Requester(peer, transfer.picker, transfer.geometry);
    this.updateInterest();
  }

  /** What the peer has. */
  get have(): Bitfield {
    return this.#have;
  }
  get isSnubbed(): boolean {
    return this.#requester.isSnubbed;
  }
  /** Blocks asked for and not here yet. */
  get outstanding(): number {
    return this.#requester.outstanding;
  }

  /** The peer said anew what it has. */
  setPieces(have: Bitfield): void {
    const { picker } = this.#transfer;
    this.#have = have;
    // Forgetting the peer voids its requests for the picker, and so they are void here.
    this.#requester.abortAll();
    picker.removePeer(this.#peer);
    picker.addPeer(this.#peer, have.isFull ? "all" : have);
    this.updateInterest();
  }

  /** @throws {PeerError} `protocol` when there is no such piece. */
  addPiece(piece: number): void {
    if (piece >= this.#have.length) {
      throw protocolError(`there is no piece ${piece}`);
    }
    if (!this.#have.set(piece)) return;
    this.#transfer.picker.peerHas(this.#peer, piece);
    if (!this.interested) this.updateInterest();
  }

  /**
   * The peer lost a piece: what was asked of it is void.
   * @throws {PeerError} `protocol` when there is no such piece.
   */
  removePiece(piece: number): void {
    if (piece >= this.#have.length) throw protocolError(`there is no piece ${piece}`);
    if (!this.#have.clear(piece)) return;
    const { picker } = this.#transfer;
    const requests = picker.blocksRequestedBy(this.#peer);
    for (let at = 0; at < requests.length; at += 2) {
      if (requests[at] === piece) this.#requester.rejected(piece, requests[at + 1]!);
    }
    picker.peerLacks(this.#peer, piece);
    this.#suggested.delete(piece);
    this.#allowed.delete(piece);
    this.updateInterest();
  }

  updateInterest(): void {
    const interested = this.#transfer.picker.isInteresting(this.#peer);
    if (interested === this.interested) return;
    this.interested = interested;
    this.#peer.send(interested ? encodeInterested() : encodeNotInterested());
  }

  setChoked(isChoked: boolean): void {
    this.#choked = isChoked;
    // With the fast extension every request is still answered, by its block or a reject.
    if (isChoked && !this.#peer.fast) this.#requester.abortAll();
  }

  /** The peer lets this piece be requested while it chokes. */
  allow(piece: number): void {
    if (this.#allowed.size < MAX_HINTS) this.#allowed.add(piece);
  }

  /** The peer would rather be asked for this piece. Of many suggestions the latest count. */
  suggest(piece: number): void {
    const [oldest] = this.#suggested;
    if (this.#suggested.size === MAX_HINTS) this.#suggested.delete(oldest!);
    this.#suggested.add(piece);
  }

  /** @param blocks Null when the peer did not say. */
  setRequestQueueLength(blocks: number | null): void {
    if (blocks !== null) this.#requester.window.setMost(blocks);
  }

  /** Sends as many requests as there is room for. */
  fill(nowMs: number): void {
    if (!this.interested || (this.#choked && this.#allowed.size === 0)) return;
    if (!this.#requester.hasRoom || this.#transfer.isBehind) return;
    const credit = this.#peer.downloadCredit() - this.#requester.outstandingBytes;
    this.#requester.fill(nowMs, credit, {
      ...(this.#choked ? { allowedOnly: this.#allowed } : {}),
      ...(this.#suggested.size > 0 ? { suggested: this.#suggested } : {}),
      ...this.#transfer.urgencyFor(this.#requester.blockMs, nowMs),
      ...(this.#peer.onParole ? { alone: true } : {}),
    });
    if (this.#requester.outstanding === 0) this.#peer.onIdle();
  }

  /** @returns Whether the block was awaited. */
  received(piece: number, block: number, lengthBytes: number, nowMs: number): boolean {
    return this.#requester.received(piece, block, lengthBytes, nowMs);
  }

  /** As {@link Requester.hadCancelled}. */
  hadCancelled(piece: number, block: number): boolean {
    return this.#requester.hadCancelled(piece, block);
  }

  /** A choke comes before the rejects that follow from it: what is rejected without is refused. */
  rejected(piece: number, begin: number, nowMs: number): void {
    const block = begin / BLOCK_LENGTH_BYTES;
    if (!this.#choked) return this.#requester.refused(piece, block, nowMs);
    this.#requester.rejected(piece, block);
    this.#allowed.delete(piece);
  }

  /** Another peer delivered this block. */
  cancel(piece: number, block: number): void {
    this.#requester.cancel(piece, block);
  }

  /** What a block takes that is asked for now; for ever while the peer chokes. */
  get blockMs(): number {
    return this.#choked ? Infinity : this.#requester.blockMs;
  }

  /** As {@link Requester.isLate}. */
  isLate(nowMs: number, otherMs: number): boolean {
    return this.#requester.isLate(nowMs, otherMs);
  }

  tick(nowMs: number): void {
    this.#requester.checkSnub(nowMs);
    this.fill(nowMs);
  }

  close(): void {
    this.#requester.abortAll();
    this.#transfer.picker.removePeer(this.#peer);
  }
}
