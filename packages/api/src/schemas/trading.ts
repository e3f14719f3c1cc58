import { z } from "zod";
import { address, bytes, dateMs, infoHash, shortText, transactionId, wei } from "./primitives.ts";

/** A price in 10^-18 BTT for 1 MiB. */
export const price = wei.meta({ description: "10^-18 BTT for 1 MiB" });

/** A bid as it stands at this moment, of ours or of somebody else. */
export const liveBid = z.object({
  peerId: z.int(),
  peer: z.string().meta({ description: "address:port" }),
  infoHash,
  torrentName: z.string(),
  role: z.enum(["buying", "selling"]),
  state: z.enum(["offered", "bid", "accepted", "outbid"]).meta({
    description:
      "offered: a seller is there; bid: not answered yet; accepted: blocks are paid; outbid: others have the slots",
  }),
  minPrice: price.meta({ description: "The seller's reserve price" }),
  price: price.meta({ description: "What is bid, or charged once it is accepted" }),
  slot: z.boolean().meta({ description: "It has an upload slot now" }),
  paidWei: wei.meta({ description: "On this connection's channel" }),
  owedWei: wei,
  transferredBytes: bytes,
});

/** Why nothing is earned at the moment. */
export const sellingWhy = z.enum([
  "off",
  "no-wallet",
  "locked",
  "nothing-to-seed",
  "no-peers",
  "no-payers",
]);

/** Why nothing is paid at the moment. */
export const buyingWhy = z.enum([
  "off",
  "no-wallet",
  "locked",
  "budget-spent",
  "nothing-missing",
  "no-sellers",
]);

export const trading = z.object({
  wallet: z.string().nullable(),
  address: address.nullable(),
  network: z.string(),
  isPlayMoney: z.boolean(),
  isUnlocked: z.boolean(),
  selling: z.object({
    isOn: z.boolean(),
    why: sellingWhy.nullable().meta({ description: "Why nothing is earned; null while it is" }),
    minPrice: price,
    freeSlots: z.int().min(0),
    earnedWei: wei.meta({ description: "Over all time, redeemed or not" }),
    unredeemedWei: wei,
    burnedWei: wei.meta({ description: "Fees of what was redeemed" }),
  }),
  buying: z.object({
    isOn: z.boolean(),
    why: buyingWhy.nullable().meta({ description: "Why nothing is paid; null while it is" }),
    bid: price.nullable().meta({ description: "Null: found by itself, within the budget" }),
    budgetWei: wei.meta({ description: "Spent at the most" }),
    leftWei: wei.meta({ description: "Of the budget" }),
    spentWei: wei.meta({ description: "Since the daemon's start" }),
    paidWei: wei.meta({ description: "Over all time" }),
    reservedWei: wei.meta({ description: "Left in open channels" }),
  }),
  bids: z.array(liveBid),
});

export const tradingChange = z.object({
  wallet: shortText.optional(),
  network: shortText.optional(),
  sell: z
    .object({
      isOn: z.boolean(),
      minPrice: price.optional(),
      freeSlots: z.int().min(0).max(200).optional(),
    })
    .optional(),
  buy: z
    .object({ isOn: z.boolean(), bid: price.nullable().optional(), budgetWei: wei.optional() })
    .optional(),
});

export const claim = z.object({
  channelId: z.string(),
  payer: address,
  totalWei: wei,
  redeemedWei: wei,
  debtWei: wei.meta({ description: "Sent, and not paid when the connection ended" }),
});

export const channel = z.object({
  id: z.string(),
  payee: address,
  state: z.enum(["opening", "open", "closing", "closed"]),
  depositWei: wei,
  spentWei: wei,
});

/** Why a torrent has earned nothing. */
export const torrentEarningWhy = z.enum(["selling-off", "not-seeding", "no-peers", "no-payers"]);

export const earnings = z.object({
  stepMs: z.number(),
  points: z.array(z.object({ atMs: dateMs, earnedWei: wei, spentWei: wei })),
  torrents: z.array(
    z.object({
      infoHash: z.string().meta({ description: "Empty for what cannot be told of any torrent" }),
      name: z.string(),
      earnedWei: wei,
      spentWei: wei,
      soldBytes: bytes,
      why: torrentEarningWhy.nullable(),
    }),
  ),
});

export const reward = z.object({
  epoch: z.int(),
  startsAtMs: dateMs,
  endsAtMs: dateMs,
  wei,
  state: z.enum(["not-posted", "differs", "waiting", "claimable", "claimed"]),
  claimableAtMs: dateMs.nullable(),
});

export const bounty = z.object({
  id: z.string(),
  infoHash,
  remainingWei: wei,
  perDayWei: wei,
  startsAtMs: dateMs,
  endsAtMs: dateMs,
  owner: address,
  isOwn: z.boolean(),
});

/** What was done, or that there was nothing to do. */
export const sent = z.object({
  transactions: z.array(transactionId),
  summary: z.enum(["nothing", "redeemed", "started", "closed", "claimed", "funded"]),
});

/** The sample swarm of the guided start: play money on the embedded chain. */
export const sample = z.object({
  state: z.enum(["off", "preparing", "running", "done", "failed"]),
  infoHash: infoHash.nullable(),
  sellers: z.int(),
  sizeBytes: bytes,
  error: z.string().nullable(),
});
