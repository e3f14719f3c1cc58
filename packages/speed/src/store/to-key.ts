import { type Address, toAddress } from "@shoal/chain";
import type { SqlRow } from "@shoal/runtime";
import type { ChannelKey } from "../channel/channel-key.ts";

/** The key of a channel in a row of any table that has one. */
export function toKey(row: SqlRow): ChannelKey {
  const address = (name: string): Address => toAddress(row[name] as string);
  return {
    payer: address("payer"),
    payee: address("payee"),
    signer: address("signer"),
    challengeSeconds: row["challenge_seconds"] as number,
    salt: BigInt(row["salt"] as string),
  };
}
