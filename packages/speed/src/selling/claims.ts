import type { ChannelId, ChannelKey } from "../channel/channel-key.ts";
import type { Claim, TorrentReceipt } from "./claim.ts";

/**
 * A payee's claims. They are here at once, and on disk a little later, in groups: what may only be done once a voucher is
 * on disk waits for `onDurable`.
 */
export interface Claims {
  /** The claim on a channel; one without a voucher when it is new. */
  of(channel: ChannelId, key: ChannelKey): Claim;
  /** Keeps what changed. Newer replaces older. */
  put(claim: Claim): void;
  /** Keeps a receipt beside its channel's claim: the newest of each torrent. */
  putReceipt(receipt: TorrentReceipt): void;
  /** Wei of the newest voucher that is on disk. */
  durableTotal(channel: ChannelId): bigint;
  /** Called with the channel each time more of its total is on disk. @returns How to stop listening. */
  onDurable(listener: (channel: ChannelId) => void): () => void;
  /** Writes what waits to be written without waiting for its group. */
  hurry(): void;
  /** Answers once everything is on disk that was put before. @throws {StoreError} when it cannot be. */
  flush(): Promise<void>;
}
