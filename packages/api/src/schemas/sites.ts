import { z } from "zod";
import { address, dateMs, wei } from "./primitives.ts";
import { sendWarning } from "./wallet.ts";

/** A web site that the user has connected to an account. */
export const site = z.object({
  id: z.string(),
  origin: z.string().meta({ description: "Such as https://app.example" }),
  wallet: z.string(),
  account: z.int(),
  network: z.string(),
  address: address.nullable().meta({ description: "Null while the wallet cannot be read" }),
  createdAtMs: dateMs,
  lastUsedAtMs: dateMs,
});

/** What a line of a request says. */
export const siteLine = z.object({
  label: z.enum([
    "account",
    "network",
    "from-network",
    "contract",
    "function",
    "argument",
    "data",
    "text",
    "bytes",
    "domain",
    "statement",
    "uri",
    "version",
    "chain",
    "nonce",
    "issued",
    "expires",
    "not-before",
    "request-id",
    "resource",
    "name",
    "type",
    "field",
    "token",
    "spender",
    "owner",
    "to",
    "amount",
    "deadline",
  ]),
  value: z.string().meta({
    description: "Plain text; characters that hide or turn around others are shown by number",
  }),
});

export const siteWarning = z.object({
  code: z.enum([
    ...sendWarning.shape.code.options,
    "fails",
    "unknown-call",
    "deploys",
    "leave-to-spend",
    "unlimited",
    "all-tokens",
    "unknown-typed-data",
    "no-chain",
    "not-text",
    "hidden-characters",
    "too-long",
    "other-domain",
    "other-account",
    "other-chain",
    "not-in-time",
    "broken-sign-in",
  ]),
  text: z.string(),
  isGrave: z.boolean().meta({ description: "To be confirmed by itself, not with everything else" }),
});

/** What a transaction would do now, and what it costs. */
export const siteTransaction = z.object({
  to: address.nullable().meta({ description: "Null: a contract is made" }),
  toName: z.string().nullable(),
  wei: wei.meta({ description: "Of the network's coin" }),
  symbol: z.string(),
  decimals: z.int(),
  feeWei: wei.meta({ description: "Probably" }),
  maxFeeWei: wei.meta({ description: "At the most" }),
  feeSymbol: z.string(),
  feeDecimals: z.int(),
  function: z.string().nullable().meta({ description: "Null where the call is not known" }),
  moves: z
    .array(
      z.object({
        symbol: z.string(),
        decimals: z.int(),
        wei,
        from: address,
        to: address,
      }),
    )
    .nullable()
    .meta({ description: "What it moves; null where that cannot be told" }),
  data: z.string().meta({ description: "As hex; cut where it is long" }),
  dataBytes: z.int(),
});

/** What a site asks the user for. It waits until it is answered, too old, or the site has gone. */
export const siteRequest = z.object({
  id: z.string(),
  origin: z.string(),
  siteId: z.string().nullable().meta({ description: "Null: it is not connected" }),
  kind: z.enum(["connect", "transaction", "message", "typed-data", "switch-network"]),
  atMs: dateMs,
  expiresAtMs: dateMs,
  wallet: z.string().nullable(),
  account: z.int().nullable(),
  network: z.string().nullable(),
  address: address.nullable(),
  lines: z.array(siteLine),
  warnings: z.array(siteWarning),
  transaction: siteTransaction.nullable(),
});
