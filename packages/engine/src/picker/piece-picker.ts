import type { Random } from "@shoal/runtime";
import { createBlockSelection, type PickOptions } from "./block-selection.ts";
import { Deadlines } from "./deadlines.ts";
import type { OpenPiece, PartialPiece } from "./open-piece.ts";
import { OpenPieces } from "./open-pieces.ts";
import {
  clearBit,
  countCommonBits,
  createPieceBits,
  forEachBit,
  hasBit,
  setBit,
} from "./piece-bits.ts";
import type { PieceBits } from "./piece-bits.ts";
import { createPieceOrder, HIGHEST_PRIORITY } from "./piece-order.ts";
import { PickerPeer } from "./picker-peer.ts";
import { createRunSelection } from "./run-selection.ts";

/**
 * The first pieces that are started are drawn at random: rare ones come slowly, and one needs something to
 * trade. Those on their way count: whoever has what is rare may go any moment.
 */
const RANDOM_FIRST_PIECES = 4;
const NO_PEERS: readonly object[] = Object.freeze([]);

/** Anything that says which pieces a peer has. It is read once, and not kept. */
export interface PieceSet {
  has(piece: number): boolean;
}

export interface ReceivedBlock {
  /**
   * `accepted`: asked of this peer. `unrequested`: not asked of it (any more), but useful; keep it.
   * `duplicate`: we have it. `unwanted`: of a piece nobody started. The last two: drop the bytes.
   */
  readonly outcome: "accepted" | "unrequested" | "duplicate" | "unwanted";
  /** The block was the piece's last: verify it. */
  readonly isPieceComplete: boolean;
  /** Other peers that were asked for the block: send them `cancel`. They are no longer counted. */
  readonly cancel: readonly object[];
}

const DUPLICATE: ReceivedBlock = {
  outcome: "duplicate",
  isPieceComplete: false,
  cancel: NO_PEERS,
};
const UNWANTED: ReceivedBlock = { outcome: "unwanted", isPieceComplete: false, cancel: NO_PEERS };

/**
 * Decides which block to ask of which peer. Peers are objects of the caller's, by identity. Methods
 * throw a RangeError when a peer was not added.
 */
export interface PiecePicker {
  addPeer(peer: object, has: PieceSet | "all" | "none"): void;
  /** Forgets the peer and takes back its requests. */
  removePeer(peer: object): void;
  /** The peer got a piece (BEP 3, have). Saying so again changes nothing. */
  peerHas(peer: object, piece: number): void;
  /** The peer lost a piece (BEP 54). What it was asked for of it is to be aborted before. */
  peerLacks(peer: object, piece: number): void;
  /** Whether the peer said that it has the piece. */
  hasPiece(peer: object, piece: number): boolean;
  /** How many peers have the piece. */
  availability(piece: number): number;
  /** We have the piece: from resume data or, with `pieceVerified`, from peers. */
  markHave(piece: number): void;
  /** The piece turned out to be missing. */
  unmarkHave(piece: number): void;
  isHave(piece: number): boolean;
  /** 0: skip; 1 to 7: higher comes first; 4 is the default. */
  setPriority(piece: number, priority: number): void;
  priority(piece: number): number;
  setSequential(sequential: boolean): void;
  /** The piece is needed by then, on the caller's clock: it goes before all others. Null: no more. */
  setDeadline(piece: number, deadlineMs: number | null): void;
  /** Some piece has a deadline. */
  readonly isUrgent: boolean;
  /**
   * Appends up to `wanted` pairs `piece, block` to `into` and counts them as asked of this peer.
   * @returns how many pairs were appended.
   */
  pick(peer: object, wanted: number, into: number[], options?: PickOptions): number;
  /**
   * As `pick`, for who takes bytes in a row: the blocks follow each other without a gap, from the first
   * that is missing of a piece, and no other peer is asked for these pieces meanwhile. Pieces are
   * whole, so that more than `wanted` may come.
   */
  pickRun(peer: object, wanted: number, into: number[]): number;
  received(peer: object, piece: number, block: number): ReceivedBlock;
  /** The request is void: rejected, choked, timed out, cancelled. @returns whether there was one. */
  aborted(peer: object, piece: number, block: number): boolean;
  /** The same for all of a peer's requests. */
  abortedAll(peer: object): void;
  /** The same as `markHave`. Contributors are forgotten: read them before. */
  pieceVerified(piece: number): void;
  /**
   * The piece is bad: all its blocks, or those in `badBlocks`, are wanted again. Contributors are
   * forgotten: read them before.
   */
  pieceFailed(piece: number, badBlocks?: readonly number[]): void;
  /** Pairs `piece, block`. */
  blocksRequestedBy(peer: object): number[];
  /** How many blocks are asked of the peer now. */
  requestedCount(peer: object): number;
  /** Who sent each block of an open piece; undefined where none came. */
  contributors(piece: number): readonly (object | undefined)[];
  /** The pieces under way, those started first in front. */
  openPieces(): readonly PartialPiece[];
  /** Whether the peer has anything that we want. */
  isInteresting(peer: object): boolean;
  /** Nothing that is wanted is missing. */
  readonly isComplete: boolean;
  /** Wanted pieces that we lack. */
  readonly piecesLeft: number;
  /** Wanted blocks that we lack. */
  readonly blocksLeft: number;
}

/** A picker for a torrent of which we have nothing, and want everything at normal priority. */
export function createPiecePicker(init: {
  pieceCount: number;
  blocksInPiece: (piece: number) => number;
  random: Random;
}): PiecePicker {
  const { pieceCount, blocksInPiece } = init;
  const order = createPieceOrder(pieceCount, init.random);
  const have: PieceBits = createPieceBits(pieceCount);
  /** Every piece is either had, or skipped, or wanted; a wanted one is either open or waits in `order`. */
  const wanted: PieceBits = createPieceBits(pieceCount);
  const peers = new Map<object, PickerPeer>();
  const isWanted = (piece: number) => hasBit(wanted, piece);
  const opens = new OpenPieces(isWanted);
  const deadlines = new Deadlines();
  const selection = createBlockSelection({ order, opens, deadlines, blocksInPiece, isWanted });
  const runs = createRunSelection({
    order,
    opens,
    deadlines,
    pieceCount,
    blocksInPiece,
    isWanted,
  });
  let isSequential = false;
  let seedCount = 0;
  let haveCount = 0;
  let piecesLeft = pieceCount;
  let blocksLeft = 0;
  /** Counts changes of what is wanted that are too many to tell every peer about each of them. */
  let wantedChanges = 0;
  for (let piece = 0; piece < pieceCount; piece++) {
    order.insert(piece);
    setBit(wanted, piece);
    blocksLeft += blocksInPiece(piece);
  }

  function peerOf(key: object): PickerPeer {
    const peer = peers.get(key);
    if (peer === undefined)
      throw new RangeError("The picker does not know this peer: add it first.");
    return peer;
  }

  /** @returns undefined when the peer has all. */
  function readPieces(has: PieceSet | "none"): PieceBits | undefined {
    const pieces = createPieceBits(pieceCount);
    if (has === "none") return pieces;
    let count = 0;
    for (let piece = 0; piece < pieceCount; piece++) {
      if (!has.has(piece)) continue;
      setBit(pieces, piece);
      count++;
    }
    return count === pieceCount ? undefined : pieces;
  }

  function checkPiece(piece: number): void {
    if (!Number.isInteger(piece) || piece < 0 || piece >= pieceCount) {
      throw new RangeError(`Expected a piece from 0 to ${pieceCount - 1}, got ${piece}.`);
    }
  }

  function setWanted(piece: number, isWanted: boolean): void {
    if (hasBit(wanted, piece) === isWanted) return;
    const sign = isWanted ? 1 : -1;
    const opened = opens.get(piece);
    piecesLeft += sign;
    blocksLeft += sign * (blocksInPiece(piece) - (opened?.received ?? 0));
    if (isWanted) setBit(wanted, piece);
    else clearBit(wanted, piece);
    if (opened !== undefined) opens.update(opened);
    else if (isWanted) order.insert(piece);
    else order.remove(piece);
  }

  function closePiece(opened: OpenPiece): void {
    opens.close(opened);
    if (!isWanted(opened.piece)) return;
    blocksLeft += opened.received;
    order.insert(opened.piece);
  }

  function requestsOf(peer: PickerPeer): number[] {
    const requests: number[] = [];
    for (const opened of peer.requestedPieces()) {
      for (let block = 0; block < opened.blockCount; block++) {
        if (opened.isRequestedBy(block, peer)) requests.push(opened.piece, block);
      }
    }
    return requests;
  }

  function markHave(piece: number): void {
    checkPiece(piece);
    if (hasBit(have, piece)) return;
    const wasWanted = hasBit(wanted, piece);
    setWanted(piece, false);
    setBit(have, piece);
    haveCount++;
    deadlines.delete(piece);
    const opened = opens.get(piece);
    if (opened !== undefined) closePiece(opened);
    if (!wasWanted) return;
    for (const peer of peers.values()) {
      if (peer.pieces !== undefined && hasBit(peer.pieces, piece)) peer.interesting--;
    }
  }

  return {
    addPeer(key, has) {
      if (peers.has(key)) throw new RangeError("The picker knows this peer already.");
      const pieces = has === "all" ? undefined : readPieces(has);
      peers.set(key, new PickerPeer(key, pieces));
      if (pieces === undefined) seedCount++;
      else forEachBit(pieces, (piece) => order.raise(piece));
    },
    removePeer(key) {
      const peer = peerOf(key);
      opens.abortAll(peer);
      opens.disown(peer);
      peers.delete(key);
      if (peer.pieces === undefined) seedCount--;
      else forEachBit(peer.pieces, (piece) => order.lower(piece));
    },
    peerHas(key, piece) {
      checkPiece(piece);
      const peer = peerOf(key);
      if (peer.pieces === undefined || hasBit(peer.pieces, piece)) return;
      setBit(peer.pieces, piece);
      order.raise(piece);
      if (hasBit(wanted, piece)) peer.interesting++;
    },
    peerLacks(key, piece) {
      checkPiece(piece);
      const peer = peerOf(key);
      if (!peer.has(piece)) return;
      if (peer.pieces === undefined) {
        // From here on it counts piece by piece.
        seedCount--;
        peer.pieces = createPieceBits(pieceCount);
        for (let other = 0; other < pieceCount; other++) setBit(peer.pieces, other);
        forEachBit(peer.pieces, (other) => order.raise(other));
        peer.interesting = countCommonBits(peer.pieces, wanted);
        peer.interestingAsOf = wantedChanges;
      }
      clearBit(peer.pieces, piece);
      order.lower(piece);
      if (hasBit(wanted, piece)) peer.interesting--;
    },
    hasPiece: (key, piece) => peerOf(key).has(piece),
    availability: (piece) => seedCount + order.availabilityOf(piece),
    markHave,
    unmarkHave(piece) {
      checkPiece(piece);
      if (!hasBit(have, piece)) return;
      clearBit(have, piece);
      haveCount--;
      wantedChanges++;
      setWanted(piece, order.priorityOf(piece) > 0);
    },
    isHave: (piece) => hasBit(have, piece),
    setPriority(piece, priority) {
      checkPiece(piece);
      if (!Number.isInteger(priority) || priority < 0 || priority > HIGHEST_PRIORITY) {
        throw new RangeError(`Expected a priority from 0 to ${HIGHEST_PRIORITY}, got ${priority}.`);
      }
      const isWanted = priority > 0 && !hasBit(have, piece);
      if (isWanted !== hasBit(wanted, piece)) wantedChanges++;
      if (!isWanted) setWanted(piece, false);
      order.setPriority(piece, priority);
      if (isWanted) setWanted(piece, true);
    },
    priority: (piece) => order.priorityOf(piece),
    setSequential(sequential) {
      isSequential = sequential;
    },
    setDeadline(piece, deadlineMs) {
      checkPiece(piece);
      const opened = opens.get(piece);
      if (deadlineMs === null) {
        deadlines.delete(piece);
        if (opened?.free === opened?.blockCount && opened !== undefined) closePiece(opened);
        return;
      }
      if (hasBit(have, piece)) return;
      deadlines.set(piece, deadlineMs);
      // Open, it is out of the way of those who would start it for other reasons.
      if (opened !== undefined || !order.waits(piece)) return;
      order.remove(piece);
      opens.open(piece, blocksInPiece(piece), undefined);
    },
    get isUrgent() {
      return deadlines.size > 0;
    },
    pick(key, count, into, options = {}) {
      const peer = peerOf(key);
      const from = into.length;
      const startOrder = isSequential
        ? "sequential"
        : haveCount + opens.size < RANDOM_FIRST_PIECES
          ? "random"
          : "rarest";
      const state = { startOrder, peerCount: peers.size } as const;
      if (count > 0) selection.select(peer, from + 2 * count, into, { ...options, ...state });
      return (into.length - from) / 2;
    },
    pickRun(key, count, into) {
      const from = into.length;
      if (count > 0) runs.select(peerOf(key), count, into, isSequential);
      return (into.length - from) / 2;
    },
    received(key, piece, block) {
      const sender = peers.get(key);
      if (hasBit(have, piece)) return DUPLICATE;
      const opened = opens.get(piece);
      // Blocks that nobody asked for start no piece: else any peer could fill our memory.
      if (opened === undefined || block >= opened.blockCount) return UNWANTED;
      if (opened.isReceived(block)) return DUPLICATE;
      const requesters = opens.receive(opened, block, key);
      if (isWanted(piece)) blocksLeft--;
      const wasRequested = sender !== undefined && requesters.includes(sender);
      const hasOthers = requesters.length > (wasRequested ? 1 : 0);
      return {
        outcome: wasRequested ? "accepted" : "unrequested",
        isPieceComplete: opened.received === opened.blockCount,
        cancel: hasOthers
          ? requesters.filter((peer) => peer !== sender).map((peer) => peer.key)
          : NO_PEERS,
      };
    },
    aborted(key, piece, block) {
      const opened = opens.get(piece);
      return opened !== undefined && opens.abort(opened, block, peerOf(key));
    },
    abortedAll: (key) => opens.abortAll(peerOf(key)),
    pieceVerified: markHave,
    pieceFailed(piece, badBlocks) {
      const opened = opens.get(piece);
      if (opened === undefined) return;
      if (badBlocks === undefined) return closePiece(opened);
      for (const block of badBlocks) {
        if (opened.forget(block) && hasBit(wanted, piece)) blocksLeft++;
      }
      opens.update(opened);
    },
    blocksRequestedBy: (key) => requestsOf(peerOf(key)),
    requestedCount: (key) => peerOf(key).requested,
    contributors: (piece) => opens.get(piece)?.contributors ?? NO_PEERS,
    openPieces: () => opens.values(),
    isInteresting(key) {
      const peer = peerOf(key);
      if (peer.pieces === undefined) return piecesLeft > 0;
      if (peer.interestingAsOf !== wantedChanges) {
        peer.interesting = countCommonBits(peer.pieces, wanted);
        peer.interestingAsOf = wantedChanges;
      }
      return peer.interesting > 0;
    },
    get isComplete() {
      return piecesLeft === 0;
    },
    get piecesLeft() {
      return piecesLeft;
    },
    get blocksLeft() {
      return blocksLeft;
    },
  };
}
