import type { Random } from "@shoal/runtime";
import { TIMER_SLACK_MS } from "./choker.ts";
import { createSeedTurns, type SeedChoking } from "./seed-turns.ts";
import type { ChokerPeer, ChokeRound, UploadPolicy } from "./upload-policy.ts";

/** How long a peer is tried out before another one's turn (BEP 3). */
const OPTIMISTIC_MS = 30_000;
/**
 * A peer that has just come is three times as likely to be tried: it has nothing to trade yet. So is one
 * that gave before: it is worth more than one of which nothing is known.
 */
const NEW_PEER_MS = 60_000;
const PREFERRED_WEIGHT = 3;
/** One slot in so many is for trying peers out, and at least one. */
const SLOTS_PER_OPTIMISTIC = 5;
/** A peer that was sent so much beyond twice what came of it, and could give, is one that only takes. */
const CREDIT_BYTES = 64 * 1024;
/** Each time a peer was tried out and gave nothing it is half as likely to be tried again, down to this. */
const LEAST_WEIGHT = 1 / 16;
/** Who is being tried out in a swarm, what had come of each, and since when. */
interface Trial {
  peers: ReadonlyMap<object, number>;
  sinceMs: number;
}

/**
 * The classic policy. Leeching: the slots go to those who send us most, less one in five, which
 * tries out others in turns of 30 s. Peers that snub us can only be tried out. Slots that nobody has
 * earned are for trying out as well, but while somebody gives, they rather stay idle than go to those
 * who could and do not: what is sent to them is not sent to those who do. Seeding: see {@link SeedChoking}.
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
  /** How likely each peer is to be tried that gave nothing when it was. */
  const weightOf = new WeakMap<object, number>();

  function draw(from: readonly ChokerPeer[]): ChokerPeer | undefined {
    const weights = from.map(({ key, connectedForMs, receivedBytes }) => {
      const weight = connectedForMs < NEW_PEER_MS || receivedBytes > 0 ? PREFERRED_WEIGHT : 1;
      return (weight * (weightOf.get(key) ?? 1)) / LEAST_WEIGHT;
    });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (total === 0) return undefined;
    let left = random.integer(total);
    return from.find((_, index) => (left -= weights[index]!) < 0);
  }

  /** Turns are over: who could have given in its turn and did not is less likely to have another soon. */
  function judge({ peers: tried }: Trial, peers: readonly ChokerPeer[]): void {
    for (const { key, canGive, receivedBytes } of peers) {
      const before = tried.get(key);
      if (before === undefined) continue;
      const weight = (weightOf.get(key) ?? 1) / 2;
      if (receivedBytes > before) weightOf.delete(key);
      else if (canGive) weightOf.set(key, Math.max(weight, LEAST_WEIGHT));
    }
  }

  function chooseLeeching(
    interested: readonly ChokerPeer[],
    { swarm, slots, nowMs, peers }: ChokeRound,
  ): ChokerPeer[] {
    const trySlots = slots < 2 ? 0 : Math.max(1, Math.floor(slots / SLOTS_PER_OPTIMISTIC));
    const last = trials.get(swarm) ?? { peers: new Map<object, number>(), sinceMs: -Infinity };
    const isOver = nowMs - last.sinceMs >= OPTIMISTIC_MS - TIMER_SLACK_MS;
    if (isOver) judge(last, peers);
    const inTurn: ChokerPeer[] = [];
    for (const key of isOver ? [] : last.peers.keys()) {
      const peer = interested.find((each) => each.key === key);
      if (peer !== undefined) inTurn.push(peer);
    }
    // A peer that gives in its turn does not make room for another before the turn is over.
    const tried = inTurn.slice(0, trySlots);
    const earned = interested
      .filter(
        (peer) => !peer.isSnubbing && peer.receivedBytesPerSecond > 0 && !tried.includes(peer),
      )
      .toSorted((a, b) => b.receivedBytesPerSecond - a.receivedBytesPerSecond)
      .slice(0, slots - trySlots);
    /** Goes on with those whose turn it is, and then draws; who had the last turn rather gives way. */
    const fill = (count: number, isFit: (peer: ChokerPeer) => boolean) => {
      const free = () =>
        interested.filter((peer) => !earned.includes(peer) && !tried.includes(peer) && isFit(peer));
      const going = free().filter((peer) => inTurn.includes(peer));
      tried.push(...going.slice(0, Math.max(0, count - tried.length)));
      while (tried.length < count) {
        const fresh = isOver ? free().filter((peer) => !last.peers.has(peer.key)) : [];
        const peer = draw(fresh.length > 0 ? fresh : free());
        if (peer === undefined) return;
        tried.push(peer);
      }
    };
    fill(trySlots, () => true);
    fill(slots - earned.length, earned.length === 0 ? () => true : mayBeTrusted);
    const before = isOver ? null : last.peers;
    trials.set(swarm, {
      peers: new Map(
        tried.map(({ key, receivedBytes }) => [key, before?.get(key) ?? receivedBytes]),
      ),
      sinceMs: isOver ? nowMs : last.sinceMs,
    });
    return [...earned, ...tried];
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

/** Whether the peer has nothing to give, or was not given much yet. */
function mayBeTrusted(peer: ChokerPeer): boolean {
  return !peer.canGive || peer.sentBytes < 2 * peer.receivedBytes + CREDIT_BYTES;
}
