import type { Random } from "@shoal/runtime";
import {
  clearBit,
  createPieceBits,
  hasBit,
  setBit,
  walkBits,
  type PieceBits,
} from "./piece-bits.ts";
import { PieceBucket } from "./piece-bucket.ts";

export const HIGHEST_PRIORITY = 7;
export const NORMAL_PRIORITY = 4;

/**
 * After so many rarer pieces that a peer lacks, the search turns from the buckets to the peer's own
 * pieces, whose cost is bounded: one word for 32 pieces. Without it a peer with few pieces would make
 * every pick visit every piece of the torrent.
 */
const MAX_MISSES = 2048;
/** How many of the peer's own pieces are then compared for rarity. */
const SAMPLE = 64;

/** In which order a peer starts pieces. */
export type StartOrder = "rarest" | "sequential" | "random";

/** Takes a piece out of the order and says whether another is wanted. */
export type TakePiece = (piece: number) => boolean;

/** The pieces that wait to be started, and in which order a peer should start them. */
export interface PieceOrder {
  /** How many pieces wait. */
  readonly size: number;
  /** How many pieces of this priority wait. */
  count(priority: number): number;
  waits(piece: number): boolean;
  priorityOf(piece: number): number;
  /** Peers that have the piece, without those that have all. */
  availabilityOf(piece: number): number;
  insert(piece: number): void;
  remove(piece: number): void;
  raise(piece: number): void;
  lower(piece: number): void;
  setPriority(piece: number, priority: number): void;
  /**
   * Offers `take` the pieces of a priority that are in `pieces` (all when undefined): the rarest first,
   * in the order of the torrent, or from a random piece onward.
   */
  take(order: StartOrder, pieces: PieceBits | undefined, priority: number, take: TakePiece): void;
  /**
   * Where to start for who takes pieces in a row: at one of the rarest, of these at the one that most
   * waiting pieces follow. Runs of `most` pieces and longer count as equal, and then the first wins.
   * @returns -1 when no piece waits.
   */
  findRun(pieces: PieceBits | undefined, priority: number, most: number): number;
}

/** An order in which nothing waits yet; every piece has normal priority and no peer. */
export function createPieceOrder(pieceCount: number, random: Random): PieceOrder {
  const priorities = new Uint8Array(pieceCount).fill(NORMAL_PRIORITY);
  const availabilities = new Uint16Array(pieceCount);
  const waiting = createPieceBits(pieceCount);
  const places = new Int32Array(pieceCount);
  const buckets: PieceBucket[][] = Array.from({ length: HIGHEST_PRIORITY + 1 }, () => []);
  const counts = new Int32Array(HIGHEST_PRIORITY + 1);
  /** No piece of the priority waits below this one. */
  const lowest = new Int32Array(HIGHEST_PRIORITY + 1);

  function bucketOf(piece: number): PieceBucket {
    const rarities = buckets[priorities[piece]!]!;
    const availability = availabilities[piece]!;
    while (rarities.length <= availability) rarities.push(new PieceBucket(places));
    return rarities[availability]!;
  }

  function insert(piece: number): void {
    const priority = priorities[piece]!;
    setBit(waiting, piece);
    bucketOf(piece).add(piece);
    counts[priority]!++;
    if (piece < lowest[priority]!) lowest[priority] = piece;
  }

  function remove(piece: number): void {
    clearBit(waiting, piece);
    bucketOf(piece).remove(piece);
    counts[priorities[piece]!]!--;
  }

  function moveBy(piece: number, change: 1 | -1): void {
    const isWaiting = hasBit(waiting, piece);
    if (isWaiting) bucketOf(piece).remove(piece);
    availabilities[piece]! += change;
    if (isWaiting) bucketOf(piece).add(piece);
  }

  function walk(
    pieces: PieceBits | undefined,
    priority: number,
    from: number,
    to: number,
    take: TakePiece,
  ): boolean {
    return walkBits(
      waiting,
      pieces,
      from,
      to,
      (piece) => priorities[piece] !== priority || take(piece),
    );
  }

  function walkFromRandom(
    pieces: PieceBits | undefined,
    priority: number,
    take: TakePiece,
  ): boolean {
    const from = random.integer(pieceCount);
    return walk(pieces, priority, from, pieceCount, take) && walk(pieces, priority, 0, from, take);
  }

  function takeRarestOfSamples(pieces: PieceBits, priority: number, take: TakePiece): void {
    for (;;) {
      const sample: number[] = [];
      walkFromRandom(pieces, priority, (piece) => sample.push(piece) < SAMPLE);
      if (sample.length === 0) return;
      sample.sort((a, b) => availabilities[a]! - availabilities[b]!);
      for (const piece of sample) if (!take(piece)) return;
    }
  }

  function takeRarest(pieces: PieceBits | undefined, priority: number, take: TakePiece): void {
    const rarities = buckets[priority]!;
    let misses = 0;
    // A piece that this peer has is in no bucket below 1, unless the peer is counted apart.
    for (let rarity = pieces === undefined ? 0 : 1; rarity < rarities.length; rarity++) {
      const bucket = rarities[rarity]!;
      if (bucket.size === 0) continue;
      let index = random.integer(bucket.size);
      const missesBefore = misses;
      for (let left = bucket.size; left > 0; left--) {
        if (index >= bucket.size) index = 0;
        const piece = bucket.at(index);
        if (pieces === undefined || hasBit(pieces, piece)) {
          if (!take(piece)) return;
          // The last piece of the bucket has filled the place of the taken one. Those who would all go on
          // with it would ask for the same few pieces; behind misses only the start is drawn.
          if (misses === missesBefore && bucket.size > 0) index = random.integer(bucket.size);
        } else {
          if (++misses > MAX_MISSES) return takeRarestOfSamples(pieces, priority, take);
          index++;
        }
      }
    }
  }

  function takeSequential(pieces: PieceBits | undefined, priority: number, take: TakePiece): void {
    const from = lowest[priority]!;
    lowest[priority] = pieceCount;
    walk(undefined, priority, from, pieceCount, (piece) => {
      lowest[priority] = piece;
      return false;
    });
    walk(pieces, priority, lowest[priority], pieceCount, take);
  }

  function findRun(pieces: PieceBits | undefined, priority: number, most: number): number {
    let best = { piece: -1, rarity: Infinity, length: 0 };
    /** The rarest piece of the run that is being walked, and the piece that would go on with the run. */
    let rarest = -1;
    let next = -1;
    const compare = (): void => {
      if (rarest < 0) return;
      const rarity = availabilities[rarest]!;
      const length = Math.min(next - rarest, most);
      if (rarity > best.rarity || (rarity === best.rarity && length <= best.length)) return;
      best = { piece: rarest, rarity, length };
    };
    walk(pieces, priority, 0, pieceCount, (piece) => {
      if (piece !== next) {
        compare();
        rarest = piece;
      } else if (availabilities[piece]! < availabilities[rarest]!) {
        rarest = piece;
      }
      next = piece + 1;
      return true;
    });
    compare();
    return best.piece;
  }

  return {
    findRun,
    get size() {
      return counts.reduce((sum, count) => sum + count, 0);
    },
    count: (priority) => counts[priority]!,
    waits: (piece) => hasBit(waiting, piece),
    priorityOf: (piece) => priorities[piece]!,
    availabilityOf: (piece) => availabilities[piece]!,
    insert,
    remove,
    raise: (piece) => moveBy(piece, 1),
    lower: (piece) => moveBy(piece, -1),
    setPriority(piece, priority) {
      const isWaiting = hasBit(waiting, piece);
      if (isWaiting) remove(piece);
      priorities[piece] = priority;
      if (isWaiting) insert(piece);
    },
    take(startOrder, pieces, priority, take) {
      if (startOrder === "rarest") takeRarest(pieces, priority, take);
      else if (startOrder === "sequential") takeSequential(pieces, priority, take);
      else walkFromRandom(pieces, priority, take);
    },
  };
}
