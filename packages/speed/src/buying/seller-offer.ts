import type { Address } from "@shoal/chain";

/** What a connected peer sells bandwidth for. */
export interface SellerOffer {
  readonly payee: Address;
  /** Wei per MiB. */
  readonly minPrice: bigint;
  readonly minChallengeSeconds: number;
  readonly slots: number;
}
