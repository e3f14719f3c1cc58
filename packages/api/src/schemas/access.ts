import { z } from "zod";
import { SCOPES } from "../operations.ts";
import { dateMs, shortText } from "./primitives.ts";

export const scope = z.enum(SCOPES);
export const password = z.string().min(8).max(1000);

/** Who is asking, and what that allows. */
export const session = z.object({
  signedIn: z.boolean(),
  needsPassword: z
    .boolean()
    .meta({ description: "No password has been set: only this machine is answered" }),
  scopes: z.array(scope),
  version: z.string(),
});

export const apiKey = z.object({
  id: z.string(),
  name: shortText,
  scopes: z.array(scope),
  createdAtMs: dateMs,
  lastUsedAtMs: dateMs.nullable(),
});
