import type { ChannelId, ChannelKey } from "../channel/channel-key.ts";

/** A channel of ours that is confirmed on chain. */
export interface OwnChannel {
  readonly id: ChannelId;
  readonly key: ChannelKey;
  /** Wei reserved in all. */
  readonly capacity: bigint;
  /** Wei that this download may take the total to: no more than the capacity. */
  readonly allowed: bigint;
}

/** What a payer remembers of its channels, and spends from. */
export interface Purse {
  /**
   * Wei of the newest voucher that was signed on this channel. Lost at a crash, it is restored by what the payee shows.
   */
  signedTotal(channel: ChannelId): bigint;
  /** A voucher was signed. */
  signed(channel: ChannelId, total: bigint): void;
  /** What arrived and was not paid when a connection ended, in wei. */
  unpaid(channel: ChannelId): bigint;
  leftUnpaid(channel: ChannelId, wei: bigint): void;
  /**
   * So much more was paid for a torrent, and is to be said so: receipts are cumulative, so what they said before is kept.
   * @param torrent 64 hex digits.
   * @returns Wei that the next receipt says, on disk for certain.
   * @throws {StoreError} when it cannot be kept; it is part of the next one.
   */
  say(channel: ChannelId, torrent: string, gain: bigint): Promise<bigint>;
}
