import type { ChokerPeer, ChokeRound, UploadPolicy } from "@shoal/engine";

/** Slots that stay with those who do not pay: an unpaid swarm works as it always did. */
export const MIN_FREE_SLOTS = 1;

export interface AuctionInit {
  /**
   * What a peer offers, in wei per MiB; 0 when it does not pay. Only bids count that are backed by a confirmed
   * channel.
   */
  readonly bidOf: (peer: ChokerPeer) => bigint;
  /** Who gets the free slots. */
  readonly free: UploadPolicy;
  /** Slots for free peers; 1 at the least. Asked every round, as is the next. */
  readonly freeSlots: number;
  /** The most slots for those who pay; those of the round when absent. */
  readonly paidSlots?: number;
}

/**
 * What free peers may have of a limited upload rate, beside all of who pays: little enough that the lowest bid buys more
 * than nothing does, and enough to go on with.
 */
const FREE_PART = 0.1;

/** Deals slots, and says what part of a limited rate each peer gets. */
export interface AuctionPolicy extends UploadPolicy {
  /**
   * Winners share by their bids, with an average of 1, so that torrents are alike; all free peers together have a tenth of
   * what winners have.
   * @param peer By its key, as the engine has it.
   */
  weightOf(peer: object): number;
}

/**
 * Upload slots to the highest bidders. Whoever wins pays what it bids: a second price could be forged by the seller,
 * who alone sees the bids. Equal bids go by what came of the peer, as tit for tat has it, and then to whoever has
 * a slot already. Free slots go as they would without an auction, among the peers that did not win one.
 */
export function createAuctionPolicy(init: AuctionInit): AuctionPolicy {
  const weights = new WeakMap<object, number>();
  return {
    weightOf: (peer) => weights.get(peer) ?? 1,
    chooseUnchoked(round) {
      const bids = new Map<ChokerPeer, bigint>();
      for (const peer of round.peers) {
        const bid = peer.isInterested ? init.bidOf(peer) : 0n;
        if (bid > 0n) bids.set(peer, bid);
      }
      const freeSlots = Math.max(MIN_FREE_SLOTS, init.freeSlots);
      const most = Math.min(init.paidSlots ?? Infinity, Math.max(0, round.slots - freeSlots));
      const winners = [...bids.keys()].toSorted((a, b) => compare(a, b, bids)).slice(0, most);
      const won = new Set(winners);
      const rest: ChokeRound = {
        ...round,
        slots: round.slots - winners.length,
        peers: round.peers.filter((peer) => !won.has(peer)),
      };
      const others = init.free.chooseUnchoked(rest).slice(0, rest.slots);
      const bidSum = winners.reduce((sum, peer) => sum + Number(bids.get(peer)!), 0);
      for (const peer of winners) {
        weights.set(peer.key, (Number(bids.get(peer)!) * winners.length) / bidSum);
      }
      const free = winners.length === 0 ? 1 : (FREE_PART * winners.length) / others.length;
      for (const { key } of others) weights.set(key, free);
      return [...winners, ...others];
    },
  };
}

/** The more wanted first. */
function compare(a: ChokerPeer, b: ChokerPeer, bids: ReadonlyMap<ChokerPeer, bigint>): number {
  const [bidA, bidB] = [bids.get(a)!, bids.get(b)!];
  if (bidA !== bidB) return bidA > bidB ? -1 : 1;
  if (a.receivedBytesPerSecond !== b.receivedBytesPerSecond) {
    return b.receivedBytesPerSecond - a.receivedBytesPerSecond;
  }
  return Number(b.isUnchoked) - Number(a.isUnchoked);
}
