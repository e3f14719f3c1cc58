import {
  BLOCK_LENGTH_BYTES,
  encodeCancel,
  REQUEST_LENGTH_BYTES,
  writeRequest,
} from "@shoal/protocol";
import type { Geometry } from "../storage/geometry.ts";
import type { PickOptions } from "../picker/block-selection.ts";
import type { PiecePicker } from "../picker/piece-picker.ts";
import { Refusals } from "./refusals.ts";
import { RequestWindow } from "./request-window.ts";

/** Requests leave in groups of so many: one write, and one answer's worth for the other side. */
const BATCH = 64;
/** No block for so long, with requests outstanding: the peer is snubbing. Before its first block it may take longer. */
const SNUB_MS = 20_000;
const FIRST_BLOCK_MS = 60_000;
/** End game asks an idle peer for so many blocks at once: each may come twice. */
const END_GAME_BLOCKS = 16;
/** In end game: what comes sooner than this is on its way, and cannot be cancelled any more. */
const CANCEL_MS = 400;
/** What a block is expected to take before the first one came. */
const UNKNOWN_LATENCY_MS = 500;
/** A peer that needs less than this for a whole piece takes pieces for itself. */
const WHOLE_PIECE_S = 20;

/** Cancelled requests remembered, whose blocks may be on their way. */
const MAX_CANCELLED = 256;

/** What is known of what suits the peer. */
type PickHints = Pick<PickOptions, "allowedOnly" | "suggested" | "urgent" | "alone">;

/** What a {@link Requester} must know of its peer, which is also what the picker knows the peer by. */
export interface RequesterPeer {
  readonly downloadRate: number;
  /** As {@link Requester.isLate}. */
  isLate(nowMs: number, otherMs: number): boolean;
  send(bytes: Uint8Array): void;
  expectPayload(expected: boolean): void;
}

/** Keeps the pipeline of requests to one peer full, and knows what was asked and when. */
export class Requester {
  readonly #peer: RequesterPeer;
  readonly #picker: PiecePicker;
  /** Keys of requests that were cancelled, as long as they are not answered. */
  readonly #cancelled = new Set<number>();
  readonly #geometry: Geometry;
  readonly #blocksPerPiece: number;
  readonly window = new RequestWindow();
  /** When each outstanding block was asked for, oldest first. */
  readonly #sentMs = new Map<number, number>();
  readonly #picked: number[] = [];
  readonly #refusals = new Refusals();
  #outstandingBytes = 0;
  #lastBlockMs = -Infinity;
  /** How long the last block took. */
  #lastLatencyMs = UNKNOWN_LATENCY_MS;
  #snubbed = false;

  constructor(peer: RequesterPeer, picker: PiecePicker, geometry: Geometry) {
    this.#peer = peer;
    this.#picker = picker;
    this.#geometry = geometry;
    this.#blocksPerPiece = Math.ceil(geometry.pieceLengthBytes / BLOCK_LENGTH_BYTES);
  }

  get outstanding(): number {
    return this.#sentMs.size;
  }

  get outstandingBytes(): number {
    return this.#outstandingBytes;
  }

  get isSnubbed(): boolean {
    return this.#snubbed;
  }

  /** Whether the window lets so many requests be sent that it is worth while. */
  get hasRoom(): boolean {
    const room = this.window.target - this.#sentMs.size;
    return room > 0 && room >= Math.min(BATCH, this.window.target >> 2);
  }

  /**
   * Sends as many requests as the window lets.
   * @param creditBytes What may be asked for beyond what is outstanding.
   */
  fill(nowMs: number, creditBytes: number, hints: PickHints): void {
    if (!this.hasRoom || this.#refusals.isPaused(nowMs)) return;
    const room = this.window.target - this.#sentMs.size;
    // Whole groups where there is room for some: the other side reads each at once.
    const grouped = room > BATCH ? room - (room % BATCH) : room;
    const wanted = Math.min(grouped, Math.floor(creditBytes / BLOCK_LENGTH_BYTES));
    if (wanted <= 0) return;
    const picked = this.#picked;
    picked.length = 0;
    const options = { ...hints, wholePieces: this.#takesWholePieces() };
    if (this.#picker.pick(this.#peer, wanted, picked, options) === 0 && this.outstanding === 0) {
      this.#pickLate(nowMs, Math.min(wanted, END_GAME_BLOCKS), hints);
    }
    if (picked.length > 0) this.#send(nowMs);
  }

  /** The peer would be idle: it is asked for what others bring later than it could. */
  #pickLate(nowMs: number, wanted: number, hints: PickHints): void {
    const otherMs = this.#lastLatencyMs;
    const endGame = (other: object) => (other as RequesterPeer).isLate(nowMs, otherMs);
    this.#picker.pick(this.#peer, wanted, this.#picked, { ...hints, endGame });
  }

  /**
   * Whether the last of what this peer was asked for is better asked also of an idle one, which
   * takes `otherMs` for a block: it comes so much later that this peer can be told in time.
   */
  isLate(nowMs: number, otherMs: number): boolean {
    const oldest = this.#sentMs.values().next();
    if (oldest.done === true) return true;
    const silentMs = nowMs - Math.max(oldest.value, this.#lastBlockMs);
    const drainMs =
      this.#lastBlockMs === -Infinity
        ? 0
        : (this.#outstandingBytes / this.#peer.downloadRate) * 1000;
    return Math.max(silentMs, drainMs) > otherMs + CANCEL_MS;
  }

  /** What a block takes that is asked for now, behind what is outstanding. */
  get blockMs(): number {
    if (this.#snubbed || this.#refusals.isRefusing) return Infinity;
    if (this.#lastBlockMs === -Infinity) return UNKNOWN_LATENCY_MS;
    const bytes = this.#outstandingBytes + BLOCK_LENGTH_BYTES;
    return (bytes / this.#peer.downloadRate) * 1000;
  }

  /**
   * Whether a block that is here, and is not awaited, had been asked for: the request's end and the block crossed.
   */
  hadCancelled(piece: number, block: number): boolean {
    return this.#cancelled.delete(this.#keyOf(piece, block));
  }

  /** A block is here. @returns Whether it was awaited. */
  received(piece: number, block: number, lengthBytes: number, nowMs: number): boolean {
    const key = this.#keyOf(piece, block);
    const sentMs = this.#sentMs.get(key);
    // A late answer ends the snubbing; blocks that were never asked for do not put it off.
    if (sentMs === undefined && !this.#snubbed) return false;
    this.#lastBlockMs = nowMs;
    this.#snubbed = false;
    if (sentMs === undefined) return false;
    this.#refusals.received();
    this.#lastLatencyMs = nowMs - sentMs;
    this.window.received(nowMs, lengthBytes, this.#lastLatencyMs);
    this.#forget(key, lengthBytes);
    return true;
  }

  /**
   * The peer will not send this block. It may name any: those that do not exist share keys with others.
   * @returns Whether the block was awaited.
   */
  rejected(piece: number, block: number): boolean {
    if (block >= this.#geometry.blocksIn(piece)) return false;
    const key = this.#keyOf(piece, block);
    this.#cancelled.delete(key);
    if (!this.#sentMs.has(key)) return false;
    this.#forget(key, this.#geometry.blockLength(piece, block));
    this.#picker.aborted(this.#peer, piece, block);
    return true;
  }

  /** The same, of a peer that does not choke us: it is asked less when it does so often. */
  refused(piece: number, block: number, nowMs: number): void {
    if (this.rejected(piece, block) && this.#refusals.refused(nowMs)) this.window.collapse();
  }

  /** Another peer delivered the block first. */
  cancel(piece: number, block: number): void {
    const key = this.#keyOf(piece, block);
    if (!this.#sentMs.has(key)) return;
    const lengthBytes = this.#geometry.blockLength(piece, block);
    this.#forget(key, lengthBytes);
    const [oldest] = this.#cancelled;
    if (this.#cancelled.size === MAX_CANCELLED) this.#cancelled.delete(oldest!);
    this.#cancelled.add(key);
    this.#peer.send(encodeCancel(piece, block * BLOCK_LENGTH_BYTES, lengthBytes));
  }

  /** Everything outstanding is void: the peer choked, or goes. */
  abortAll(): void {
    this.#picker.abortedAll(this.#peer);
    this.#sentMs.clear();
    this.#outstandingBytes = 0;
    this.#peer.expectPayload(false);
  }

  /** @returns Whether the peer has just been found snubbing. */
  checkSnub(nowMs: number): boolean {
    const oldest = this.#sentMs.values().next();
    if (oldest.done === true || this.#snubbed) return false;
    const limitMs = this.#lastBlockMs === -Infinity ? FIRST_BLOCK_MS : SNUB_MS;
    if (nowMs - Math.max(oldest.value, this.#lastBlockMs) < limitMs) return false;
    this.#snubbed = true;
    this.window.collapse();
    // What it holds up others may fetch; what still comes of it is taken all the same.
    this.#picker.abortedAll(this.#peer);
    this.#sentMs.clear();
    this.#outstandingBytes = 0;
    return true;
  }

  #takesWholePieces(): boolean {
    return this.#peer.downloadRate * WHOLE_PIECE_S > this.#geometry.pieceLengthBytes;
  }

  #send(nowMs: number): void {
    const picked = this.#picked;
    const bytes = new Uint8Array((picked.length / 2) * REQUEST_LENGTH_BYTES);
    for (let i = 0, at = 0; i < picked.length; i += 2, at += REQUEST_LENGTH_BYTES) {
      const piece = picked[i]!;
      const block = picked[i + 1]!;
      const lengthBytes = this.#geometry.blockLength(piece, block);
      writeRequest(bytes, at, piece, block * BLOCK_LENGTH_BYTES, lengthBytes);
      this.#sentMs.set(this.#keyOf(piece, block), nowMs);
      this.#outstandingBytes += lengthBytes;
    }
    this.#peer.expectPayload(true);
    this.#peer.send(bytes);
  }

  #forget(key: number, lengthBytes: number): void {
    this.#sentMs.delete(key);
    this.#outstandingBytes -= lengthBytes;
    if (this.#sentMs.size === 0) this.#peer.expectPayload(false);
  }

  #keyOf(piece: number, block: number): number {
    return piece * this.#blocksPerPiece + block;
  }
}
