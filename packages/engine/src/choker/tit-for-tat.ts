import type { Random } from "@shoal/runtime";
import { TIMER_SLACK_MS } from "./choker.ts";
import { createSeedTurns, type SeedChoking } from "./seed-turns.ts";
import type { ChokerPeer, ChokeRound, UploadPolicy } from "./upload-policy.ts";

/** How long a peer is tried out before another one's turn (BEP 3). */
const OPTIMISTIC_MS = 30_000;
/** A peer that has just come is three times as likely to be tried: it has nothing to trade yet. */
const NEW_PEER_MS = 60_000;
const NEW_PEER_WEIGHT = 3;
/** One slot in so many is for trying peers out, and at least one. */
const SLOTS_PER_OPTIMISTIC = 5;
/** Who is being tried out in a swarm, and since when. */
interface Trial {
  peers: readonly object[];
  sinceMs: number;
}

/**
 * The classic policy. Leeching: the slots go to those who send us most, less one in five, which
 * tries out others in turns of 30 s. Peers that snub us can only be tried out, and slots that nobody
 * has earned are for trying out as well. Seeding: see {@link SeedChoking}.
 * @see BEP 3, choking
 */
export function createTitForTatPolicy(init: {
  random: Random;
  /** What each peer of a seed is sent before it has to give way. 16 MiB by default. */
  seedQuantumBytes?: number;
  /** Whom a seed prefers; `round-robin` by default. */
  seedChoking?: SeedChoking;
}): UploadPolicy {
  const { random } = init;
  const seedTurns = createSeedTurns(init);
  const trials = new WeakMap<object, Trial>();

  function draw(from: readonly ChokerPeer[]): ChokerPeer | undefined {
    const weights = from.map((peer) => (peer.connectedForMs < NEW_PEER_MS ? NEW_PEER_WEIGHT : 1));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (total === 0) return undefined;
    let left = random.integer(total);
    return from.find((_, index) => (left -= weights[index]!) < 0);
  }

  function chooseLeeching(
    interested: readonly ChokerPeer[],
    { swarm, slots, nowMs }: ChokeRound,
  ): ChokerPeer[] {
    const trySlots = slots < 2 ? 0 : Math.max(1, Math.floor(slots / SLOTS_PER_OPTIMISTIC));
    const earned = interested
      .filter((peer) => !peer.isSnubbing && peer.receivedBytesPerSecond > 0)
      .toSorted((a, b) => b.receivedBytesPerSecond - a.receivedBytesPerSecond)
      .slice(0, slots - trySlots);
    let rest = interested.filter((peer) => !earned.includes(peer));
    let trial = trials.get(swarm) ?? { peers: [], sinceMs: -Infinity };
    if (nowMs - trial.sinceMs >= OPTIMISTIC_MS - TIMER_SLACK_MS) {
      // Whoever had a turn goes last in the next one, but is better than an idle slot.
      const others = rest.filter((peer) => !trial.peers.includes(peer.key));
      if (others.length >= slots - earned.length) rest = others;
      trial = { peers: [], sinceMs: nowMs };
    }
    const chosen = [...earned];
    for (const peer of rest) {
      if (chosen.length < slots && trial.peers.includes(peer.key)) chosen.push(peer);
    }
    while (chosen.length < slots) {
      const peer = draw(rest.filter((other) => !chosen.includes(other)));
      if (peer === undefined) break;
      chosen.push(peer);
    }
    const peers = chosen.slice(earned.length).map((peer) => peer.key);
    trials.set(swarm, { peers, sinceMs: trial.sinceMs });
    return chosen;
  }

  return {
    chooseUnchoked(round) {
      const interested = round.peers.filter((peer) => peer.isInterested);
      const chosen = round.isSeeding
        ? seedTurns.choose(interested, round)
        : chooseLeeching(interested, round);
      seedTurns.note(chosen, round.nowMs);
      return chosen;
    },
  };
}
