import type { ChokerPeer, ChokeRound, UploadPolicy } from "@shoal/engine";

/** Slots that stay with those who do not pay: an unpaid swarm works as it always did. */
export const MIN_FREE_SLOTS = 1;

export interface AuctionInit {
  /**
   * What a peer offers, in wei per MiB; 0 when it does not pay. Only bids count that are backed by a confirmed
   * channel.
   */
  readonly bidOf: (peer: ChokerPeer) => bigint;
  /** Whether a peer that pays would get nothing now, with or without a slot: it has to pay first. Nobody when absent. */
  readonly isStalled?: (peer: ChokerPeer) => boolean;
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
/** Beside a high bid and a low one, each has half of the low one's part instead, and no less than this part of a tenth. */
const LEAST_FREE = 0.25;

/** Deals slots, and says what part of a limited rate each peer gets. */
export interface AuctionPolicy extends UploadPolicy {
  /**
   * Who pays has a share by its bid, with an average of 1, so that torrents are alike; all who pay nothing together have a
   * tenth of that at the most, and each less than who pays the least.
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
      const peers = round.peers.filter((peer) => init.isStalled?.(peer) !== true);
      for (const peer of peers) {
        const bid = peer.isInterested ? init.bidOf(peer) : 0n;
        if (bid > 0n) bids.set(peer, bid);
      }
      const freeSlots = Math.max(MIN_FREE_SLOTS, init.freeSlots);
      const forSale = Math.min(init.paidSlots ?? Infinity, Math.max(0, round.slots - freeSlots));
      const winners = [...bids.keys()].toSorted((a, b) => compare(a, b, bids)).slice(0, forSale);
      const won = new Set(winners);
      const rest: ChokeRound = {
        ...round,
        slots: round.slots - winners.length,
        peers: peers.filter((peer) => !won.has(peer)),
      };
      const others = init.free.chooseUnchoked(rest).slice(0, rest.slots);
      // Who bids and has a free slot pays as much as a winner, and has as much for it.
      const paying = [...winners, ...others.filter((peer) => bids.has(peer))];
      const bidSum = paying.reduce((sum, peer) => sum + Number(bids.get(peer)!), 0);
      for (const peer of paying) {
        weights.set(peer.key, (Number(bids.get(peer)!) * paying.length) / bidSum);
      }
      const unpaid = others.filter((peer) => !bids.has(peer));
      const lowest = Math.min(...paying.map(({ key }) => weights.get(key)!));
      const most = (FREE_PART * paying.length) / unpaid.length;
      const free =
        paying.length === 0 ? 1 : Math.min(most, Math.max(lowest / 2, most * LEAST_FREE));
      for (const { key } of unpaid) weights.set(key, free);
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
