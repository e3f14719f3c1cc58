import type { Random } from "@shoal/runtime";
import { OpenPiece, type PartialPiece } from "./open-piece.ts";
import {
  clearBit,
  countCommonBits,
  createPieceBits,
  hasBit,
  setBit,
  walkBits,
} from "./piece-bits.ts";
import type { PieceBits } from "./piece-bits.ts";
import { createPieceOrder, HIGHEST_PRIORITY, type TakePiece } from "./piece-order.ts";
import { PickerPeer } from "./picker-peer.ts";

/** In end game a block is asked of so many peers at most: more only wastes their bandwidth. */
const MAX_REQUESTERS = 3;
/** The first pieces are drawn at random: rare ones come slowly, and one needs something to trade. */
const RANDOM_FIRST_PIECES = 4;
/** Open pieces may be so many, and half as many again as there are peers. */
const MIN_OPEN_PIECES = 4;
/** Or as many as hold so many blocks (32 MiB), whatever their number: small pieces cost little. */
const MIN_OPEN_BLOCKS = 2048;
const NO_PEERS: readonly object[] = Object.freeze([]);

/** Anything that says which pieces a peer has. It is read once, and not kept. */
export interface PieceSet {
  has(piece: number): boolean;
}

export interface PickOptions {
  /** The peer is fast: it takes whole pieces for itself, so that no slow peer holds them up. */
  wholePieces?: boolean;
  /** Nothing but these: the peer chokes us and allows them (BEP 6, allowed fast). */
  allowedOnly?: ReadonlySet<number>;
  /** Of equal priority, start these first (BEP 6, suggest piece). */
  suggested?: ReadonlySet<number>;
  /** When every wanted block is requested, ask this peer for some that were asked of others. */
  endGame?: boolean;
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
  /**
   * Appends up to `wanted` pairs `piece, block` to `into` and counts them as asked of this peer.
   * @returns how many pairs were appended.
   */
  pick(peer: object, wanted: number, into: number[], options?: PickOptions): number;
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
  const open = new Map<number, OpenPiece>();
  /** The open pieces that are wanted and have free blocks, oldest first. */
  const unfinished = new Set<OpenPiece>();
  let isSequential = false;
  let seedCount = 0;
  let haveCount = 0;
  let piecesLeft = pieceCount;
  let blocksLeft = 0;
  let openBlocks = 0;
  let requestedBlocks = 0;
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

  function checkPiece(piece: number): void {
    if (!Number.isInteger(piece) || piece < 0 || piece >= pieceCount) {
      throw new RangeError(`Expected a piece from 0 to ${pieceCount - 1}, got ${piece}.`);
    }
  }

  function placeOpen(piece: OpenPiece): void {
    if (piece.free > 0 && hasBit(wanted, piece.piece)) unfinished.add(piece);
    else unfinished.delete(piece);
  }

  function setWanted(piece: number, isWanted: boolean): void {
    if (hasBit(wanted, piece) === isWanted) return;
    const sign = isWanted ? 1 : -1;
    const opened = open.get(piece);
    piecesLeft += sign;
    blocksLeft += sign * (blocksInPiece(piece) - (opened?.received ?? 0));
    if (isWanted) setBit(wanted, piece);
    else clearBit(wanted, piece);
    if (opened !== undefined) placeOpen(opened);
    else if (isWanted) order.insert(piece);
    else order.remove(piece);
  }

  function openPiece(piece: number, owner: PickerPeer | undefined): OpenPiece {
    const opened = new OpenPiece(piece, blocksInPiece(piece), owner);
    order.remove(piece);
    open.set(piece, opened);
    openBlocks += opened.blockCount;
    unfinished.add(opened);
    return opened;
  }

  function closePiece(opened: OpenPiece): void {
    requestedBlocks -= opened.requested;
    opened.abortAll();
    open.delete(opened.piece);
    unfinished.delete(opened);
    openBlocks -= opened.blockCount;
    if (!hasBit(wanted, opened.piece)) return;
    blocksLeft += opened.received;
    order.insert(opened.piece);
  }

  /** Bounds the memory of incomplete pieces; an idle peer may always start one. */
  function mayOpen(peer: PickerPeer): boolean {
    return (
      open.size < MIN_OPEN_PIECES + 1.5 * peers.size ||
      openBlocks < Math.max(MIN_OPEN_BLOCKS, 2 * requestedBlocks) ||
      peer.requested === 0
    );
  }

  /** Whether a peer may join a piece before it starts one of its own. */
  function suits(opened: OpenPiece, owner: PickerPeer | undefined): boolean {
    if (opened.owner === owner) return true;
    // What a fast peer has dropped anybody may finish, and a fast peer what the slow ones have.
    return opened.owner === undefined ? opened.requested === 0 : opened.owner.requested === 0;
  }

  function takeBlocks(opened: OpenPiece, peer: PickerPeer, until: number, into: number[]): void {
    while (opened.free > 0 && into.length < until) {
      into.push(opened.piece, opened.requestFree(peer));
      requestedBlocks++;
    }
    placeOpen(opened);
  }

  /** The least asked for first, so that help spreads over all the blocks that are late. */
  function takeDuplicates(
    peer: PickerPeer,
    until: number,
    into: number[],
    allowed: ReadonlySet<number> | undefined,
  ): void {
    const candidates = [...open.values()].filter(
      ({ piece }) =>
        hasBit(wanted, piece) && peer.has(piece) && (allowed === undefined || allowed.has(piece)),
    );
    for (let requesters = 1; requesters < MAX_REQUESTERS; requesters++) {
      for (const opened of candidates) {
        for (let block = 0; block < opened.blockCount; block++) {
          if (into.length >= until) return;
          if (opened.requesterCount(block) !== requesters) continue;
          if (opened.isRequestedBy(block, peer)) continue;
          opened.requestAgain(block, peer);
          into.push(opened.piece, block);
        }
      }
    }
  }

  function pickAllowed(
    peer: PickerPeer,
    until: number,
    into: number[],
    allowed: ReadonlySet<number>,
  ): void {
    for (const piece of allowed) {
      if (into.length >= until) return;
      if (piece >= pieceCount || !hasBit(wanted, piece) || !peer.has(piece)) continue;
      takeBlocks(open.get(piece) ?? openPiece(piece, undefined), peer, until, into);
    }
  }

  function pickAny(
    peer: PickerPeer,
    until: number,
    into: number[],
    { wholePieces = false, suggested }: PickOptions,
  ): void {
    const owner = wholePieces ? peer : undefined;
    const start: TakePiece = (piece) => {
      if (!mayOpen(peer)) return false;
      takeBlocks(openPiece(piece, owner), peer, until, into);
      return into.length < until;
    };
    for (let priority = HIGHEST_PRIORITY; priority > 0; priority--) {
      for (const opened of unfinished) {
        if (order.priorityOf(opened.piece) !== priority || !peer.has(opened.piece)) continue;
        if (!suits(opened, owner)) continue;
        opened.owner = owner;
        takeBlocks(opened, peer, until, into);
        if (into.length >= until) return;
      }
      if (order.count(priority) === 0) continue;
      for (const piece of suggested ?? []) {
        if (piece >= pieceCount || !order.waits(piece) || order.priorityOf(piece) !== priority)
          continue;
        if (peer.has(piece) && !start(piece)) break;
      }
      if (into.length >= until) return;
      if (isSequential) order.takeSequential(peer.pieces, priority, start);
      else if (haveCount < RANDOM_FIRST_PIECES) order.takeRandom(peer.pieces, priority, start);
      else order.takeRarest(peer.pieces, priority, start);
      if (into.length >= until) return;
    }
    for (const opened of unfinished) {
      if (into.length >= until) return;
      if (peer.has(opened.piece)) takeBlocks(opened, peer, until, into);
    }
  }

  function abort(opened: OpenPiece, block: number, peer: PickerPeer): boolean {
    const before = opened.requested;
    if (!opened.abort(block, peer)) return false;
    requestedBlocks += opened.requested - before;
    placeOpen(opened);
    return true;
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

  function abortAll(peer: PickerPeer): void {
    for (const opened of peer.requestedPieces()) {
      for (let block = 0; block < opened.blockCount; block++) abort(opened, block, peer);
    }
  }

  function markHave(piece: number): void {
    checkPiece(piece);
    if (hasBit(have, piece)) return;
    const wasWanted = hasBit(wanted, piece);
    setWanted(piece, false);
    setBit(have, piece);
    haveCount++;
    const opened = open.get(piece);
    if (opened !== undefined) closePiece(opened);
    if (!wasWanted) return;
    for (const peer of peers.values()) {
      if (peer.pieces !== undefined && hasBit(peer.pieces, piece)) peer.interesting--;
    }
  }

  return {
    addPeer(key, has) {
      if (peers.has(key)) throw new RangeError("The picker knows this peer already.");
      let pieces: PieceBits | undefined;
      if (has !== "all") {
        pieces = createPieceBits(pieceCount);
        let count = 0;
        for (let piece = 0; has !== "none" && piece < pieceCount; piece++) {
          if (!has.has(piece)) continue;
          setBit(pieces, piece);
          count++;
        }
        if (count === pieceCount) pieces = undefined;
      }
      peers.set(key, new PickerPeer(key, pieces));
      if (pieces === undefined) seedCount++;
      else walkBits(pieces, undefined, 0, pieceCount, (piece) => (order.raise(piece), true));
    },
    removePeer(key) {
      const peer = peerOf(key);
      abortAll(peer);
      for (const opened of open.values()) if (opened.owner === peer) opened.owner = undefined;
      peers.delete(key);
      if (peer.pieces === undefined) seedCount--;
      else walkBits(peer.pieces, undefined, 0, pieceCount, (piece) => (order.lower(piece), true));
    },
    peerHas(key, piece) {
      checkPiece(piece);
      const peer = peerOf(key);
      if (peer.pieces === undefined || hasBit(peer.pieces, piece)) return;
      setBit(peer.pieces, piece);
      order.raise(piece);
      if (hasBit(wanted, piece)) peer.interesting++;
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
    priority: order.priorityOf,
    setSequential(sequential) {
      isSequential = sequential;
    },
    pick(key, count, into, options = {}) {
      const peer = peerOf(key);
      const from = into.length;
      const until = from + 2 * count;
      const { allowedOnly } = options;
      if (count <= 0) return 0;
      if (allowedOnly === undefined) pickAny(peer, until, into, options);
      else pickAllowed(peer, until, into, allowedOnly);
      if (
        options.endGame === true &&
        into.length < until &&
        order.size === 0 &&
        unfinished.size === 0
      ) {
        takeDuplicates(peer, until, into, allowedOnly);
      }
      return (into.length - from) / 2;
    },
    received(key, piece, block) {
      const sender = peers.get(key);
      checkPiece(piece);
      if (hasBit(have, piece)) return DUPLICATE;
      const opened = open.get(piece);
      // Blocks that nobody asked for start no piece: else any peer could fill our memory.
      if (opened === undefined || block >= opened.blockCount) return UNWANTED;
      if (opened.isReceived(block)) return DUPLICATE;
      const before = opened.requested;
      const requesters = opened.receive(block, key);
      requestedBlocks += opened.requested - before;
      if (hasBit(wanted, piece)) blocksLeft--;
      placeOpen(opened);
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
      const opened = open.get(piece);
      return opened !== undefined && abort(opened, block, peerOf(key));
    },
    abortedAll: (key) => abortAll(peerOf(key)),
    pieceVerified: markHave,
    pieceFailed(piece, badBlocks) {
      const opened = open.get(piece);
      if (opened === undefined) return;
      if (badBlocks === undefined) return closePiece(opened);
      for (const block of badBlocks) {
        if (opened.forget(block) && hasBit(wanted, piece)) blocksLeft++;
      }
      placeOpen(opened);
    },
    blocksRequestedBy: (key) => requestsOf(peerOf(key)),
    requestedCount: (key) => peerOf(key).requested,
    contributors: (piece) => open.get(piece)?.contributors ?? NO_PEERS,
    openPieces: () => [...open.values()],
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
