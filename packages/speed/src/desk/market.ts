import type { Address } from "@shoal/chain";
import type { StoredChannel } from "../buying/channel-store.ts";
import type { ChannelId } from "../channel/channel-key.ts";
import type { Claim } from "../selling/claim.ts";
import type { PayLink } from "../trade/pay-link.ts";
import type { PaidPlace } from "./paid-place.ts";

/** A connection on which one side sells to the other. */
interface Dealing {
  /** The engine's number of the peer. */
  readonly peerId: number;
  /** `address:port`. */
  readonly peer: string;
  /** The swarm's: 20 bytes in hex. */
  readonly infoHash: string;
  /** Null before a trade. */
  readonly channel: ChannelId | null;
  /** Wei per MiB that is charged; 0 before a trade. */
  readonly priceWei: bigint;
  /** Wei paid on this connection's channel, and wei that is owed now. */
  readonly paidWei: bigint;
  readonly unpaidWei: bigint;
  /** Bytes of this trade. */
  readonly tradedBytes: number;
  /** How far the payer may run ahead of its payments, in bytes. */
  readonly windowBytes: number;
}

/** A peer that pays us. */
export interface PayingPeer extends Dealing {
  readonly payer: Address | null;
  /** It has a slot now. */
  readonly isServed: boolean;
}

/** A peer that sells to us. */
export interface SellingOffer extends Dealing {
  readonly payee: Address;
  /** Its reserve price, in wei per MiB. */
  readonly minPriceWei: bigint;
  /** What we bid; 0 for nothing. */
  readonly bidWei: bigint;
  readonly isServed: boolean;
}

/** Sums over everything that is kept, for one account. Wei. */
export interface TradeSums {
  /** Vouchers' totals that are held, redeemed or not. */
  readonly earnedWei: bigint;
  readonly unredeemedWei: bigint;
  /** Burned of what was redeemed. */
  readonly feeWei: bigint;
  /** Signed away in vouchers. */
  readonly paidWei: bigint;
  /** Left in open channels. */
  readonly reservedWei: bigint;
  readonly openChannels: number;
}

/** What is bought and sold at this moment. */
export interface Market {
  /** Null when nothing is sold. */
  readonly selling: {
    readonly minPriceWei: bigint;
    readonly freeSlots: number;
    readonly paidSlots: number;
    /** The highest bids first. */
    readonly payers: readonly PayingPeer[];
  } | null;
  /** Null when nothing is bought. */
  readonly buying: {
    /** As it was set last, and what is left of it. */
    readonly budgetWei: bigint;
    readonly leftWei: bigint;
    /** Since trading was opened. */
    readonly spentWei: bigint;
    readonly offers: readonly SellingOffer[];
  } | null;
  readonly channels: readonly StoredChannel[];
  readonly claims: readonly Claim[];
  readonly sums: TradeSums;
}

const feeOf = (wei: bigint): bigint => wei / 20n;

/** An account's channels, as a payer. */
export function channelsOf({ channels }: PaidPlace, account: Address): StoredChannel[] {
  return channels.all().filter(({ key }) => key.payer === account);
}

/** An account's claims, as a payee. */
export function claimsOf({ claims }: PaidPlace, account: Address): Claim[] {
  return claims.all().filter(({ key }) => key.payee === account);
}

export function sumsOf(place: PaidPlace, account: Address): TradeSums {
  const claims = claimsOf(place, account);
  const channels = channelsOf(place, account);
  const earnedWei = claims.reduce((sum, { total }) => sum + total, 0n);
  const redeemedWei = claims.reduce((sum, { redeemed }) => sum + redeemed, 0n);
  const open = channels.filter(({ state }) => state === "open");
  return {
    earnedWei,
    unredeemedWei: earnedWei - redeemedWei,
    feeWei: claims.reduce((sum, { redeemed }) => sum + feeOf(redeemed), 0n),
    paidWei: channels.reduce((sum, { signed }) => sum + signed, 0n),
    reservedWei: open.reduce((sum, { capacity, signed }) => sum + capacity - signed, 0n),
    openChannels: open.length,
  };
}

export function describePayers(links: Iterable<PayLink>): PayingPeer[] {
  const payers: PayingPeer[] = [];
  for (const { view, selling } of links) {
    const account = selling?.account ?? null;
    if (selling === null || account === null) continue;
    payers.push({
      peerId: view.id,
      peer: `${view.remote.address}:${view.remote.port}`,
      infoHash: view.infoHash,
      payer: selling.channel?.key.payer ?? null,
      channel: selling.channel?.id ?? null,
      priceWei: account.price,
      paidWei: account.paid,
      unpaidWei: account.unpaid,
      tradedBytes: account.sentBytes,
      windowBytes: account.windowBytes,
      isServed: !view.choking,
    });
  }
  return payers.toSorted((a, b) =>
    a.priceWei === b.priceWei ? 0 : a.priceWei > b.priceWei ? -1 : 1,
  );
}

export function describeOffers(links: Iterable<PayLink>): SellingOffer[] {
  const offers: SellingOffer[] = [];
  for (const { view, buying } of links) {
    const offer = buying?.offer ?? null;
    if (buying === null || offer === null) continue;
    const { account } = buying;
    offers.push({
      peerId: view.id,
      peer: `${view.remote.address}:${view.remote.port}`,
      infoHash: view.infoHash,
      payee: offer.payee,
      channel: buying.channel?.id ?? null,
      minPriceWei: offer.minPrice,
      bidWei: buying.bidPrice,
      priceWei: account?.price ?? 0n,
      paidWei: account?.paid ?? 0n,
      unpaidWei: account?.unpaid ?? 0n,
      tradedBytes: account?.receivedBytes ?? 0,
      windowBytes: account?.windowBytes ?? 0,
      isServed: !view.peerChoking,
    });
  }
  return offers;
}
