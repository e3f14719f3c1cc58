import type { Address, Hex } from "@shoal/chain";

/** What a channel's identifier is made of, and what never changes about it. */
export interface ChannelKey {
  readonly payer: Address;
  readonly payee: Address;
  /** Session key that signs vouchers. */
  readonly signer: Address;
  /** What the payer has to wait between asking for what is left and getting it. */
  readonly challengeSeconds: number;
  /** 64 bits; another one for every channel between the same two. */
  readonly salt: bigint;
}

/** keccak256 over the key: 32 bytes. */
export type ChannelId = Hex & { readonly __channelId: true };

/** A channel as the chain has it. */
export interface ChannelState {
  /** Wei reserved for the payee in all. */
  readonly capacity: bigint;
  /** Wei redeemed. */
  readonly paid: bigint;
  /** When it can be finalized, in seconds since 1970; null when nobody has asked for that. */
  readonly closableAt: number | null;
  readonly isClosed: boolean;
}
