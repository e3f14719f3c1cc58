import { CHOKE_ROUND_MS, TIMER_SLACK_MS } from "./choker.ts";
import type { ChokerPeer, ChokeRound } from "./upload-policy.ts";

/** What a peer of a seed gets before another may take its place. */
const DEFAULT_QUANTUM_BYTES = 16 * 2 ** 20;
/** A peer too slow for the quantum gives way after this long. */
const LONGEST_TURN_MS = 120_000;
/** Where a seed has favourites, one slot in so many goes round among the others, and at least one. */
const SLOTS_PER_TURN = 5;

/**
 * Whom a seed uploads to, since nobody gives it anything to go by.
 *
 * - `round-robin`: everybody gets a quantum in turn, who waited longest first; when nobody waits, the fastest stay.
 *   A quantum in bytes, because turns of equal time would give most to whoever has the fastest line; with an end
 *   in time, because one slow peer must not hold a slot. It spreads a torrent best, and favours nobody.
 * - `fastest`: who takes most per second, so that a seed with a large line moves as much as it can.
 * - `anti-leech`: who has least or nearly everything. Newcomers get something to trade with, those about to
 *   complete become seeds, and those in between, who have most to trade, are left to trade.
 *
 * With the last two, one slot in five goes round all the same: nobody waits for ever.
 */
export type SeedChoking = "round-robin" | "fastest" | "anti-leech";

interface Turn {
  /** When the peer was last unchoked, and had been sent how much. */
  sinceMs: number;
  sentBytes: number;
  /** When it was last seen unchoked. */
  lastMs: number;
}

/** Whose turn it is at a seed. */
export interface SeedTurns {
  choose(interested: readonly ChokerPeer[], round: ChokeRound): ChokerPeer[];
  /** Notes whose turn began, and for whose it went on. */
  note(chosen: readonly ChokerPeer[], nowMs: number): void;
}

export function createSeedTurns(init: {
  /** What each peer is sent before it has to give way. */
  seedQuantumBytes?: number;
  seedChoking?: SeedChoking;
}): SeedTurns {
  const { seedQuantumBytes = DEFAULT_QUANTUM_BYTES, seedChoking = "round-robin" } = init;
  const turns = new WeakMap<object, Turn>();

  function isTurnOver(peer: ChokerPeer, turn: Turn, nowMs: number): boolean {
    const turnMs = nowMs - turn.sinceMs + TIMER_SLACK_MS;
    return (
      peer.sentBytes - turn.sentBytes >= seedQuantumBytes ||
      turnMs >= LONGEST_TURN_MS ||
      (turnMs >= CHOKE_ROUND_MS && peer.sentBytes === turn.sentBytes)
    );
  }

  /** All peers: those in their turn, those that wait, the longest first, those that had theirs. */
  function goRound(interested: readonly ChokerPeer[], nowMs: number): ChokerPeer[] {
    const inTurn: ChokerPeer[] = [];
    const waiting: ChokerPeer[] = [];
    const served: ChokerPeer[] = [];
    for (const peer of interested) {
      const turn = turns.get(peer.key);
      if (turn === undefined || !peer.isUnchoked) waiting.push(peer);
      else if (isTurnOver(peer, turn, nowMs)) served.push(peer);
      else inTurn.push(peer);
    }
    const lastTurnMs = (peer: ChokerPeer) => turns.get(peer.key)?.lastMs ?? -1;
    return [
      ...inTurn.toSorted(fastestFirst),
      ...waiting.toSorted((a, b) => lastTurnMs(a) - lastTurnMs(b)),
      ...served.toSorted(fastestFirst),
    ];
  }

  return {
    choose(interested, { slots, nowMs }) {
      const round = goRound(interested, nowMs);
      if (seedChoking === "round-robin") return round.slice(0, slots);
      const turning = Math.max(1, Math.floor(slots / SLOTS_PER_TURN));
      const order = seedChoking === "fastest" ? fastestFirst : farthestFromHalfFirst;
      const favourites = interested.toSorted(order).slice(0, slots - turning);
      const others = round.filter((peer) => !favourites.includes(peer));
      return [...favourites, ...others].slice(0, slots);
    },
    note(chosen, nowMs) {
      for (const { key, isUnchoked, sentBytes } of chosen) {
        const turn = turns.get(key);
        if (turn !== undefined && isUnchoked) turn.lastMs = nowMs;
        else turns.set(key, { sinceMs: nowMs, sentBytes, lastMs: nowMs });
      }
    },
  };
}

function fastestFirst(a: ChokerPeer, b: ChokerPeer): number {
  return b.sentBytesPerSecond - a.sentBytesPerSecond;
}

function farthestFromHalfFirst(a: ChokerPeer, b: ChokerPeer): number {
  return Math.abs(b.progress - 0.5) - Math.abs(a.progress - 0.5);
}
