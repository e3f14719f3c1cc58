import type { Deadlines } from "./deadlines.ts";
import type { OpenPiece } from "./open-piece.ts";
import type { OpenPieces } from "./open-pieces.ts";
import { HIGHEST_PRIORITY, type PieceOrder } from "./piece-order.ts";
import type { PickerPeer } from "./picker-peer.ts";

/** While some pieces are urgent runs are short (1 MiB), so that what becomes urgent is soon looked at. */
const MAX_URGENT_BLOCKS = 64;

/** Which blocks are asked of a peer that sends bytes in a row: a web seed (BEP 19). */
export interface RunSelection {
  /** Appends pairs `piece, block` that follow each other; see `PiecePicker.pickRun`. */
  select(peer: PickerPeer, wanted: number, into: number[], isSequential: boolean): void;
}

export function createRunSelection(init: {
  order: PieceOrder;
  opens: OpenPieces;
  deadlines: Deadlines;
  pieceCount: number;
  blocksInPiece: (piece: number) => number;
  isWanted: (piece: number) => boolean;
}): RunSelection {
  const { order, opens, deadlines, pieceCount, blocksInPiece, isWanted } = init;

  function start(piece: number, owner: PickerPeer): OpenPiece {
    order.remove(piece);
    return opens.open(piece, blocksInPiece(piece), owner);
  }

  /** Nobody is at work on it now. */
  function isLeft(peer: PickerPeer, { owner, requested }: OpenPiece): boolean {
    return requested === 0 && (owner === undefined || owner === peer || owner.requested === 0);
  }

  /** Whether the run may go on with a piece: it waits, or what was begun of it is left. */
  function continues(peer: PickerPeer, piece: number, priority: number): boolean {
    if (piece >= pieceCount || !isWanted(piece) || !peer.has(piece)) return false;
    if (order.priorityOf(piece) !== priority) return false;
    const opened = opens.get(piece);
    return opened === undefined || (isLeft(peer, opened) && opened.firstFree === 0);
  }

  function take(peer: PickerPeer, first: number, until: number, into: number[]): void {
    const priority = order.priorityOf(first);
    for (let piece = first; ; piece++) {
      const opened = opens.get(piece) ?? start(piece, peer);
      opened.owner = peer;
      const count = opened.freeInRow;
      const reachesEnd = opened.firstFree + count === opened.blockCount;
      opens.request(opened, peer, into.length + 2 * count, into);
      if (!reachesEnd || into.length >= until || !continues(peer, piece + 1, priority)) return;
    }
  }

  function findFirst(peer: PickerPeer, wanted: number, isSequential: boolean): number {
    for (const [piece] of deadlines.inOrder()) {
      if (!isWanted(piece) || !peer.has(piece)) continue;
      const opened = opens.get(piece);
      if (opened === undefined || (opened.free > 0 && isLeft(peer, opened))) return piece;
    }
    for (let priority = HIGHEST_PRIORITY; priority > 0; priority--) {
      for (const opened of opens.unfinished) {
        const { piece } = opened;
        if (order.priorityOf(piece) === priority && peer.has(piece) && isLeft(peer, opened))
          return piece;
      }
      if (order.count(priority) === 0) continue;
      const piece = isSequential
        ? findLowest(peer, priority)
        : order.findRun(peer.pieces, priority, Math.ceil(wanted / blocksInPiece(0)));
      if (piece >= 0) return piece;
    }
    // None is left to start: help with one that others are at work on.
    for (const { piece } of opens.unfinished) if (peer.has(piece)) return piece;
    return -1;
  }

  function findLowest(peer: PickerPeer, priority: number): number {
    let lowest = -1;
    order.take("sequential", peer.pieces, priority, (piece) => {
      lowest = piece;
      return false;
    });
    return lowest;
  }

  return {
    select(peer, wanted, into, isSequential) {
      const first = findFirst(peer, wanted, isSequential);
      const length = deadlines.size > 0 ? Math.min(wanted, MAX_URGENT_BLOCKS) : wanted;
      if (first >= 0) take(peer, first, into.length + 2 * length, into);
    },
  };
}
