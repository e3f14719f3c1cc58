import type { ChannelId, ChannelKey } from "../channel/channel-key.ts";
import type { CompactSignature } from "@shoal/chain";

/** What a payee holds against a payer: the channel's newest voucher, and what it has not paid for. */
export interface Claim {
  readonly channel: ChannelId;
  readonly key: ChannelKey;
  /** Wei of the newest voucher; 0 before the first one. */
  readonly total: bigint;
  /** Null before the first voucher. */
  readonly signature: CompactSignature | null;
  /** Wei redeemed on chain, as far as is known. */
  readonly redeemed: bigint;
  /** Wei sent and never paid when a connection ended, until the next one settles it. */
  readonly debt: bigint;
  /** Wei of such debts that the payer did not own to, over the channel's life. */
  readonly forgiven: bigint;
  /** The payee has signed that the channel may be closed: later vouchers would be worth nothing. */
  readonly isEnding: boolean;
}

/** A payer's word that so much of a channel was for a torrent. Rewards for seeding count it once it is redeemed. */
export interface TorrentReceipt {
  readonly channel: ChannelId;
  /** 64 hex digits. */
  readonly torrent: string;
  /** Of the torrent, in bytes. */
  readonly size: bigint;
  /** Wei, cumulative within the channel. */
  readonly total: bigint;
  readonly signature: CompactSignature;
}
