import type { Hex } from "@shoal/chain";

/** Bytes as contracts' arguments take them. */
export function hexOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
