import type { WindowBounds } from "../account/credit-window.ts";

/** On what terms upload is sold. */
export interface SellingTerms {
  /** Reserve price, in wei per MiB. */
  readonly minPrice: bigint;
  /** Slots that are never sold; 1 at the least. */
  readonly freeSlots: number;
  /** Slots that are sold at the most. */
  readonly paidSlots: number;
  /** Channels that can be closed sooner are refused: a laptop off for a weekend must not be robbed. */
  readonly minChallengeSeconds: number;
  /** Channels with less left than this are refused: redeeming would not be worth it. In wei. */
  readonly minChannelWei: bigint;
  /** How far payers may run ahead of their payments. */
  readonly window: WindowBounds;
}

/** A week. */
export const DEFAULT_CHALLENGE_SECONDS = 7 * 24 * 3600;

/** As much as 100 ms at 640 MiB/s: what waits to be on disk, and what is paid at once. */
export const DEFAULT_MAX_WINDOW_BYTES = 64 * 1024 * 1024;

/**
 * Debts that a payer never owned to: more than this part of what it paid, and so many bytes beside, and it is served for
 * money no more. A fast line has some MiB on their way when a connection ends, after it has paid for many times as much.
 */
export const FORGIVEN_DIVISOR = 16n;
export const FORGIVEN_BYTES = 1024 * 1024;

/** A payer that has used up its window and does not pay for so long has no slot until it pays. */
export const SLOT_AFTER_MS = 15_000;
/** The same for one that has shown that its line takes long: twice as long as it took, and so long at the most. */
export const MOST_SLOT_AFTER_MS = 60_000;
/** A payer that has used up its window and does not pay for so long loses its bid: as connections do that say nothing. */
export const DEFAULT_AFTER_MS = 120_000;
