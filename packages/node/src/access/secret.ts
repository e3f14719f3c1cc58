import { createHash } from "node:crypto";
import type { Random } from "@shoal/runtime";

const SECRET_BYTES = 32;

/** @returns 256 random bits in base64url: nobody guesses them, so that one round of a hash is enough to keep them by. */
export function createSecret(random: Random): string {
  return Buffer.from(random.bytes(SECRET_BYTES)).toString("base64url");
}

/** What a secret is kept and looked up by. Looking up a hash tells nothing of how near a guess was. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
