import type { ChannelId, ChannelState } from "./channel-key.ts";

/** What a payee asks the chain before it trusts a channel. */
export interface ChannelReader {
  /**
   * As of the newest block that will not be undone, by the word of most of the network's endpoints.
   * @returns null when there is no such channel.
   * @throws {ChainError} when the chain cannot be asked.
   */
  read(channel: ChannelId): Promise<ChannelState | null>;
}
