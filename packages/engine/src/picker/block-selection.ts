import type { Deadlines } from "./deadlines.ts";
import type { OpenPiece } from "./open-piece.ts";
import type { OpenPieces } from "./open-pieces.ts";
import {
  HIGHEST_PRIORITY,
  type PieceOrder,
  type StartOrder,
  type TakePiece,
} from "./piece-order.ts";
import type { PickerPeer } from "./picker-peer.ts";

export interface PickOptions {
  /** The peer is fast: it takes whole pieces for itself, so that no slow peer holds them up. */
  wholePieces?: boolean;
  /**
   * The peer takes whole pieces, of which nobody else sends any part: when one is bad, it is known whose
   * fault it is. It takes no part in end game.
   */
  alone?: boolean;
  /** Nothing but these: the peer chokes us and allows them (BEP 6, allowed fast). */
  allowedOnly?: ReadonlySet<number>;
  /** Of equal priority, start these first (BEP 6, suggest piece). */
  suggested?: ReadonlySet<number>;
  /**
   * When every wanted block is requested, ask this peer for some that others are asked for already:
   * those of which each, by the caller's name for it, is late.
   */
  endGame?: (other: object) => boolean;
  /** What this peer can do for pieces that have a deadline; without it they are pieces like others. */
  urgent?: Urgent;
}

/** A peer's part in pieces that have a deadline. */
export interface Urgent {
  /** Whether a block asked of it now comes in time, or at least not much later than from the best. */
  serves(piece: number, deadlineMs: number): boolean;
  /** Whether a block that was asked of another, by the caller's name for it, is better asked of this peer too. */
  isLate(other: object, deadlineMs: number): boolean;
}

/** In end game a block is asked of so many peers at most: more only wastes their bandwidth. */
const MAX_REQUESTERS = 3;

/** Which of the wanted blocks a peer is asked for, and in what order. */
export interface BlockSelection {
  /** Appends pairs `piece, block` until `into` has the length `until`, or nothing is left. */
  select(
    peer: PickerPeer,
    until: number,
    into: number[],
    options: PickOptions & { startOrder: StartOrder; peerCount: number },
  ): void;
}

/** @param init.isWanted Whether the piece is neither had nor skipped. */
export function createBlockSelection(init: {
  order: PieceOrder;
  opens: OpenPieces;
  deadlines: Deadlines;
  blocksInPiece: (piece: number) => number;
  isWanted: (piece: number) => boolean;
}): BlockSelection {
  const { order, opens, deadlines, blocksInPiece, isWanted } = init;

  function start(piece: number, owner: PickerPeer | undefined): OpenPiece {
    order.remove(piece);
    return opens.open(piece, blocksInPiece(piece), owner);
  }

  /** Whether a piece that somebody takes alone is closed to this peer. */
  function isTaken(opened: OpenPiece, peer: PickerPeer): boolean {
    return opened.isAlone && opened.owner !== undefined && opened.owner !== peer
      ? opened.owner.requested > 0
      : false;
  }

  /** Whether a peer may join a piece before it starts one of its own. */
  function suits(
    opened: OpenPiece,
    peer: PickerPeer,
    owner: PickerPeer | undefined,
    isAlone: boolean,
  ): boolean {
    if (isAlone) return opened.isOnlyOf(peer);
    if (isTaken(opened, peer)) return false;
    if (opened.owner === owner) return true;
    // What a fast peer has dropped anybody may finish, and a fast peer what the slow ones have.
    return opened.owner === undefined ? opened.requested === 0 : opened.owner.requested === 0;
  }

  function selectAllowed(
    peer: PickerPeer,
    until: number,
    into: number[],
    allowed: ReadonlySet<number>,
  ): void {
    for (const piece of allowed) {
      if (into.length >= until) return;
      if (!isWanted(piece) || !peer.has(piece)) continue;
      opens.request(opens.get(piece) ?? start(piece, undefined), peer, until, into);
    }
  }

  /** Whether a piece is left to the peers that serve it in time. */
  function isReserved(piece: number, urgent: Urgent | undefined): boolean {
    return urgent !== undefined && deadlines.has(piece);
  }

  /** By deadline: what nobody was asked for, then what others are late with. */
  function selectUrgent(peer: PickerPeer, until: number, into: number[], urgent: Urgent): void {
    const wanted = deadlines.inOrder().filter(([piece]) => isWanted(piece) && peer.has(piece));
    for (const [piece, deadlineMs] of wanted) {
      if (into.length >= until) return;
      const opened = opens.get(piece);
      if (opened?.free === 0 || !urgent.serves(piece, deadlineMs)) continue;
      opens.request(opened ?? start(piece, undefined), peer, until, into);
    }
    for (const [piece, deadlineMs] of wanted) {
      const opened = opens.get(piece);
      if (opened === undefined || opened.requested === 0) continue;
      for (let block = 0; block < opened.blockCount && into.length < until; block++) {
        const requesters = opened.requesterCount(block);
        if (requesters === 0 || requesters >= MAX_REQUESTERS) continue;
        if (opened.isRequestedBy(block, peer)) continue;
        const areLate = opened
          .requestersOf(block)
          .every(({ key }) => urgent.isLate(key, deadlineMs));
        if (!areLate) continue;
        opened.requestAgain(block, peer);
        into.push(piece, block);
      }
    }
  }

  /**
   * The suggested pieces that may come next. Whoever suggests does not see what this side's other
   * peers have: a suggestion chooses among the rarest, and says nothing where order matters more.
   */
  function suggestedOf(
    peer: PickerPeer,
    priority: number,
    { suggested, startOrder }: PickOptions & { startOrder: StartOrder },
  ): readonly number[] {
    if (suggested === undefined || startOrder === "sequential") return [];
    let fewest = Infinity;
    if (startOrder === "rarest") {
      order.take(startOrder, peer.pieces, priority, (piece) => {
        fewest = order.availabilityOf(piece);
        return false;
      });
    }
    return [...suggested].filter(
      (piece) =>
        order.waits(piece) &&
        order.priorityOf(piece) === priority &&
        order.availabilityOf(piece) <= fewest &&
        peer.has(piece),
    );
  }

  /**
   * By priority: pieces under way that the peer suits, then suggested ones, then others. A slow
   * peer joins a fast one's piece, and a fast peer another's, only when it could start none.
   */
  function selectAny(
    peer: PickerPeer,
    until: number,
    into: number[],
    options: PickOptions & { startOrder: StartOrder; peerCount: number },
  ): void {
    const isAlone = options.alone === true;
    const owner = options.wholePieces === true || isAlone ? peer : undefined;
    const take: TakePiece = (piece) => {
      if (!opens.mayOpen(peer, options.peerCount)) return false;
      const opened = start(piece, owner);
      opened.isAlone = isAlone;
      opens.request(opened, peer, until, into);
      return into.length < until;
    };
    for (let priority = HIGHEST_PRIORITY; priority > 0; priority--) {
      for (const opened of opens.unfinished) {
        if (order.priorityOf(opened.piece) !== priority || !peer.has(opened.piece)) continue;
        if (!suits(opened, peer, owner, isAlone) || isReserved(opened.piece, options.urgent))
          continue;
        opened.owner = owner;
        opened.isAlone = isAlone;
        opens.request(opened, peer, until, into);
        if (into.length >= until) return;
      }
      if (order.count(priority) === 0) continue;
      for (const piece of suggestedOf(peer, priority, options)) if (!take(piece)) break;
      if (into.length >= until) return;
      order.take(options.startOrder, peer.pieces, priority, take);
      if (into.length >= until) return;
    }
    if (isAlone) return;
    for (const opened of opens.unfinished) {
      if (into.length >= until) return;
      if (!peer.has(opened.piece) || isReserved(opened.piece, options.urgent)) continue;
      if (isTaken(opened, peer)) continue;
      opens.request(opened, peer, until, into);
    }
  }

  /**
   * The least asked for first, so that help spreads over all the blocks that are late, and of these
   * the last in line, so that it begins where the other ends.
   */
  function selectDuplicates(
    peer: PickerPeer,
    until: number,
    into: number[],
    allowed: ReadonlySet<number> | undefined,
    isLate: (other: object) => boolean,
  ): void {
    const candidates = opens
      .values()
      .filter(
        ({ piece, requested }) =>
          requested > 0 && isWanted(piece) && peer.has(piece) && allowed?.has(piece) !== false,
      )
      .toReversed();
    for (let requesters = 1; requesters < MAX_REQUESTERS; requesters++) {
      for (const opened of candidates) {
        for (let block = opened.blockCount - 1; block >= 0; block--) {
          if (into.length >= until) return;
          if (opened.requesterCount(block) !== requesters) continue;
          if (opened.isRequestedBy(block, peer)) continue;
          if (!opened.requestersOf(block).every(({ key }) => isLate(key))) continue;
          opened.requestAgain(block, peer);
          into.push(opened.piece, block);
        }
      }
    }
  }

  return {
    select(peer, until, into, options) {
      const { allowedOnly, endGame, urgent } = options;
      if (allowedOnly === undefined && urgent !== undefined) {
        selectUrgent(peer, until, into, urgent);
        if (into.length >= until) return;
      }
      if (allowedOnly === undefined) selectAny(peer, until, into, options);
      else selectAllowed(peer, until, into, allowedOnly);
      const isAllRequested = order.size === 0 && opens.unfinished.size === 0;
      if (
        endGame !== undefined &&
        options.alone !== true &&
        into.length < until &&
        isAllRequested
      ) {
        selectDuplicates(peer, until, into, allowedOnly, endGame);
      }
    },
  };
}
