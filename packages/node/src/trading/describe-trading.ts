import type { Answer, Settings } from "@shoal/api";
import type { Session, Torrent } from "@shoal/engine";
import type { Market } from "@shoal/speed";
import type { TradingDesk } from "./trading-desk.ts";

type TradingAnswer = Answer<"getTrading">;
type Bid = TradingAnswer["bids"][number];
type Terms = Settings["trading"];

/** Selling and buying as they are at this moment, with a reason for every zero. */
export function describeTrading(desk: TradingDesk, terms: Terms): TradingAnswer {
  const { slot, market, session, opened } = desk;
  const { info } = opened.network;
  const { sums, selling, buying } = market;
  return {
    wallet: terms.wallet,
    address: slot.isSet ? opened.network.formatAddress(slot.address) : null,
    network: info.name,
    isPlayMoney: info.isPlayMoney,
    isUnlocked: slot.canSign,
    selling: {
      isOn: selling !== null,
      why: whyNotSelling(desk, terms, market),
      minPrice: terms.minPrice,
      freeSlots: terms.freeSlots,
      earnedWei: String(sums.earnedWei),
      unredeemedWei: String(sums.unredeemedWei),
      burnedWei: String(sums.feeWei),
    },
    buying: {
      isOn: buying !== null,
      why: whyNotBuying(desk, terms, market),
      bid: terms.bid,
      budgetWei: String(buying?.budgetWei ?? terms.budget),
      leftWei: String(buying?.leftWei ?? terms.budget),
      spentWei: String(buying?.spentWei ?? 0n),
      paidWei: String(sums.paidWei),
      reservedWei: String(sums.reservedWei),
    },
    bids: bidsOf(market, session),
  };
}

function bidsOf({ selling, buying }: Market, session: Session | null): Bid[] {
  const nameOf = (infoHash: string): string => session?.find(infoHash)?.name ?? "";
  const sold = (selling?.payers ?? []).map((each): Bid => ({
    ...commonOf(each),
    torrentName: nameOf(each.infoHash),
    role: "selling",
    state: each.isServed ? "accepted" : "outbid",
    minPrice: String(selling?.minPriceWei ?? 0n),
    price: String(each.priceWei),
  }));
  const bought = (buying?.offers ?? []).map((each): Bid => ({
    ...commonOf(each),
    torrentName: nameOf(each.infoHash),
    role: "buying",
    state: stateOf(each),
    minPrice: String(each.minPriceWei),
    price: String(each.priceWei === 0n ? each.bidWei : each.priceWei),
  }));
  return [...bought, ...sold];
}

type Offer = NonNullable<Market["buying"]>["offers"][number];
type Payer = NonNullable<Market["selling"]>["payers"][number];

function stateOf({ bidWei, priceWei, isServed }: Offer): Bid["state"] {
  if (priceWei > 0n) return isServed ? "accepted" : "outbid";
  return bidWei > 0n ? "bid" : "offered";
}

function commonOf(each: Offer | Payer) {
  return {
    peerId: each.peerId,
    peer: each.peer,
    infoHash: each.infoHash,
    slot: each.isServed,
    paidWei: String(each.paidWei),
    owedWei: String(each.unpaidWei),
    transferredBytes: each.tradedBytes,
  };
}

function whyNotSelling(
  { slot, session }: TradingDesk,
  terms: Terms,
  { selling }: Market,
): TradingAnswer["selling"]["why"] {
  if (!terms.sell) return "off";
  if (terms.wallet === null) return "no-wallet";
  if (!slot.canSign) return "locked";
  const torrents = session?.torrents ?? [];
  if (!torrents.some(canShare)) return "nothing-to-seed";
  if (torrents.every(({ peers }) => peers.length === 0)) return "no-peers";
  return (selling?.payers.length ?? 0) === 0 ? "no-payers" : null;
}

function whyNotBuying(
  { slot, session }: TradingDesk,
  terms: Terms,
  { buying }: Market,
): TradingAnswer["buying"]["why"] {
  if (!terms.buy && buying === null) return "off";
  if (terms.wallet === null) return "no-wallet";
  if (!slot.canSign) return "locked";
  if (buying !== null && buying.leftWei === 0n) return "budget-spent";
  const isMissing = (session?.torrents ?? []).some(({ state }) => state === "downloading");
  if (!isMissing) return "nothing-missing";
  return (buying?.offers.length ?? 0) === 0 ? "no-sellers" : null;
}

/** It has something that others may want. */
export function canShare({ state }: Torrent): boolean {
  return state === "seeding" || state === "downloading";
}
