import type { Address } from "@shoal/chain";
import type { OwnChannel } from "./purse.ts";

/** What a payer wants a channel for. */
export interface Funding {
  readonly payee: Address;
  /** The payee takes no channel that can be closed sooner. */
  readonly minChallengeSeconds: number;
  /** What should be spendable. Less may come of it, when money is scarce. */
  readonly wei: bigint;
}

/** Makes channels. Those that are kept from earlier are used again. */
export interface ChannelFunder {
  /**
   * Opens or tops up channels, in one transaction where it can be one, and answers when they are confirmed.
   * @returns One for each, null where there is no money for it.
   * @throws {ChainError} when the chain cannot be asked; it may be asked again.
   */
  fund(wanted: readonly Funding[]): Promise<readonly (OwnChannel | null)[]>;
}
