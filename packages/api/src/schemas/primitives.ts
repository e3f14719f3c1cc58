import { z } from "zod";

/** 40 hex digits of BEP 3, or 64 of BEP 52, in lower case. */
export const infoHash = z
  .string()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
  .meta({
    description: "Infohash in lower-case hex: 40 digits of v1 (BEP 3), or 64 of v2 (BEP 52)",
  });

/** An amount of 10^-18 BTT, as decimal digits: JSON's numbers are too small for it. */
export const wei = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,77})$/)
  .meta({ description: "Amount in 10^-18 BTT (or of the coin), as decimal digits" });

export const bytes = z.int().min(0);
/** Bytes per second; null for no limit. */
export const rateLimit = z
  .int()
  .min(0)
  .nullable()
  .meta({ description: "Bytes per second; null for no limit" });
export const fraction = z.number().min(0).max(1);
/** Milliseconds since 1970. */
export const dateMs = z.number().min(0).meta({ description: "Milliseconds since 1970" });
export const address = z
  .string()
  .min(10)
  .max(64)
  .meta({ description: "Account on a chain, in the form of its network (0x..., T...)" });
export const transactionId = z.string().min(1).max(80);
/** Text for people that callers send: bounded. */
export const shortText = z.string().min(1).max(200);
export const nothing = z.object({});
