import { z } from "zod";
import { address, dateMs, shortText, transactionId, wei } from "./primitives.ts";

export const network = z.object({
  name: z.string(),
  title: z.string(),
  chainId: z.string(),
  isPlayMoney: z.boolean(),
  coinSymbol: z.string(),
  coinDecimals: z.int(),
  explorer: z.string().nullable(),
});

export const account = z.object({
  number: z.int(),
  label: z.string(),
  addresses: z.record(z.string(), address).meta({ description: "By network" }),
});

export const wallet = z.object({
  name: shortText,
  isUnlocked: z.boolean(),
  accounts: z.array(account),
});

export const walletCreation = z.object({
  name: shortText,
  password: z.string().min(8).max(1000),
  words: z
    .string()
    .max(500)
    .optional()
    .meta({ description: "BIP 39 words to restore from; new ones are drawn when absent" }),
});

export const balance = z.object({
  network: z.string(),
  asset: z.enum(["coin", "btt"]),
  symbol: z.string(),
  decimals: z.int(),
  wei,
  pendingWei: wei.meta({
    description: "On its way out in transactions that are not yet in a block",
  }),
  channelWei: wei.meta({ description: "Deposited in payment channels" }),
});

/** What a call of one of Shoal's contracts does. */
export const walletAction = z.object({
  name: z.enum([
    "deposit",
    "withdraw",
    "open-channels",
    "top-up-channel",
    "redeem",
    "attribute",
    "start-close",
    "finish-close",
    "approve",
    "claim-rewards",
    "fund-bounty",
    "top-up-bounty",
    "refund-bounty",
  ]),
  count: z.int().nullable().meta({ description: "Of channels, claims, receipts or rewards" }),
});

export const walletTransaction = z.object({
  id: transactionId,
  network: z.string(),
  state: z
    .enum(["pending", "included", "final", "failed", "replaced", "expired", "rejected"])
    .meta({ description: "included: in a block that may still be undone; rejected: never sent" }),
  atMs: dateMs,
  block: z.int().nullable(),
  summary: z.string().nullable().meta({ description: "What it does, where it is no payment" }),
  action: walletAction.nullable().meta({ description: "The same for programs, where it is known" }),
  direction: z.enum(["in", "out", "self", "other"]),
  counterparty: address.nullable(),
  counterpartyName: z.string().nullable(),
  asset: z.enum(["coin", "btt"]).nullable(),
  symbol: z.string().nullable(),
  decimals: z.int().nullable(),
  wei: wei.nullable(),
  url: z.string().nullable().meta({ description: "In the network's explorer" }),
});

export const sendRequest = z.object({
  network: z.string().max(50),
  account: z.int().min(0).default(0),
  asset: z.enum(["coin", "btt"]),
  to: address,
  wei,
});

export const sendWarning = z.object({
  code: z.enum(["first-time", "look-alike", "contract", "self"]),
  text: z.string(),
  known: z
    .object({ address, name: z.string().nullable() })
    .nullable()
    .meta({ description: "Whom it looks like, of a look-alike" }),
  isGrave: z.boolean().meta({ description: "To be confirmed by itself, not with everything else" }),
});

/** What will happen, to be confirmed as it stands. */
export const sendPlan = z.object({
  planId: z.string(),
  from: address,
  to: address,
  toName: z.string().nullable(),
  asset: z.enum(["coin", "btt"]),
  symbol: z.string(),
  decimals: z.int(),
  wei,
  feeWei: wei.meta({ description: "Probably" }),
  maxFeeWei: wei.meta({ description: "At the most" }),
  feeSymbol: z.string(),
  feeDecimals: z.int(),
  balanceAfterWei: wei,
  warnings: z.array(sendWarning),
  expiresAtMs: dateMs,
});

export const contact = z.object({
  address,
  name: shortText,
  network: z.string().nullable(),
});
