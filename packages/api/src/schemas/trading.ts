import { z } from "zod";
import { address, bytes, dateMs, infoHash, shortText, transactionId, wei } from "./primitives.ts";

/** A price in 10^-18 BTT for 1 MiB. */
export const price = wei.meta({ description: "10^-18 BTT for 1 MiB" });

/** A bid as it stands at this moment, of ours or of somebody else. */
export const liveBid = z.object({
  peer: z.string().meta({ description: "address:port" }),
  client: z.string(),
  infoHash,
  role: z.enum(["buying", "selling"]),
  state: z.enum(["offered", "bid", "accepted", "rejected", "outbid", "ended"]),
  price,
  slot: z.boolean().meta({ description: "It has an upload slot now" }),
  paidWei: wei,
  transferredBytes: bytes,
  rate: z.number(),
  reason: z.string().nullable(),
});

export const trading = z.object({
  wallet: z.string().nullable(),
  network: z.string(),
  isPlayMoney: z.boolean(),
  selling: z.object({
    isOn: z.boolean(),
    why: z.string().nullable().meta({ description: "Why nothing is earned at the moment" }),
    minPrice: price,
    freeSlots: z.int().min(0),
    earnedWei: wei.meta({ description: "Over all time, redeemed or not" }),
    unredeemedWei: wei,
  }),
  buying: z.object({
    isOn: z.boolean(),
    why: z.string().nullable().meta({ description: "Why nothing is paid at the moment" }),
    bid: price.nullable().meta({ description: "Null: found by itself, within the budget" }),
    budgetWei: wei.meta({ description: "Spent at the most" }),
    spentWei: wei,
    savedS: z
      .number()
      .nullable()
      .meta({ description: "Time saved against the free rate, where that is known" }),
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
  updatedAtMs: dateMs.nullable(),
});

export const channel = z.object({
  id: z.string(),
  payee: address,
  state: z.string(),
  depositWei: wei,
  spentWei: wei,
  openedAtMs: dateMs.nullable(),
  closableAtMs: dateMs.nullable(),
});

export const earnings = z.object({
  points: z.array(z.object({ atMs: dateMs, earnedWei: wei, spentWei: wei, rewardWei: wei })),
  torrents: z.array(
    z.object({
      infoHash,
      name: z.string(),
      earnedWei: wei,
      soldBytes: bytes,
      why: z.string().nullable().meta({ description: "A reason where nothing was earned" }),
    }),
  ),
});

export const reward = z.object({
  epoch: z.int(),
  startsAtMs: dateMs,
  endsAtMs: dateMs,
  wei,
  state: z.enum(["running", "counting", "disputable", "claimable", "claimed"]),
  claimableAtMs: dateMs.nullable(),
  why: z.string().nullable(),
});

export const bounty = z.object({
  id: z.string(),
  infoHash,
  fundedWei: wei,
  remainingWei: wei,
  perDayWei: wei,
  startsAtMs: dateMs,
  endsAtMs: dateMs,
  owner: address,
  isOwn: z.boolean(),
});

export const sent = z.object({ transactions: z.array(transactionId), summary: z.string() });

/** The sample swarm of the guided start: play money on the embedded chain. */
export const sample = z.object({
  state: z.enum(["off", "preparing", "running", "done", "failed"]),
  infoHash: infoHash.nullable(),
  peers: z.int(),
  text: z.string(),
});
