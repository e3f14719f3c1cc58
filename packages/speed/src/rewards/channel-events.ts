import type { Address } from "@shoal/chain";
import type { ChannelId } from "../channel/channel-key.ts";

/** `Redeemed` of `BandwidthChannels`. */
export interface RedeemedEvent {
  readonly channel: ChannelId;
  /** Wei, over the channel's whole life. */
  readonly paid: bigint;
  /** Wei of it that this redemption paid. */
  readonly amount: bigint;
}

/** `Attributed` of `BandwidthChannels`. */
export interface AttributedEvent {
  readonly channel: ChannelId;
  readonly payee: Address;
  /** 64 hex digits. */
  readonly torrent: string;
  /** Of the torrent, in bytes, as the channel's signer says. */
  readonly size: bigint;
  /** Wei for the torrent, over the channel's whole life. */
  readonly total: bigint;
}

/** What happened in one epoch, in whatever order. */
export interface EpochEvents {
  /** Weeks since 1970. */
  readonly epoch: number;
  readonly redeemed: readonly RedeemedEvent[];
  readonly attributed: readonly AttributedEvent[];
}

/** A week: as `BandwidthChannels` and `SeedRewards` count. */
export const EPOCH_SECONDS = 7 * 24 * 3600;
