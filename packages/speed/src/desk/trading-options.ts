import type { Sender, Signer } from "@shoal/chain";
import type { Torrent, UploadPolicy } from "@shoal/engine";
import type { Clock, Random } from "@shoal/runtime";
import type { BuyerEvents } from "../buying/buyer.ts";
import { DEFAULT_CHALLENGE_SECONDS, DEFAULT_MAX_WINDOW_BYTES } from "../selling/selling-terms.ts";
import type { SellingTerms } from "../selling/selling-terms.ts";
import type { Attributed } from "../settlement/attributor.ts";
import type { Redeemed } from "../settlement/redeemer.ts";
import type { PaidPlace } from "./paid-place.ts";
import type { SessionKey } from "./session-key.ts";

const BTT = 10n ** 18n;
/** Reserve price where none is named: wei per MiB. */
export const DEFAULT_MIN_PRICE = BTT / 10_000n;
/** What is spent at the most where nothing else is said, in wei. */
export const DEFAULT_BUDGET = 10n * BTT;
/** A claim is redeemed once so much of it is not: far more than a transaction costs where one costs less than a cent. */
export const DEFAULT_WORTH_WEI = BTT / 10n;
/** What a payee risks with one payer. */
const MAX_EXPOSURE = BTT / 10n;
const PLAY_CHALLENGE_SECONDS = 3600;
const PAID_SLOTS = 200;

/** What trading asks of a torrent. */
export type TradedTorrent = Pick<Torrent, "infoHash" | "metainfo" | "status" | "swarmHashes">;

/** On what terms upload is sold. */
export interface SellingOptions {
  /** Reserve price, in wei per MiB; {@link DEFAULT_MIN_PRICE} when absent. */
  readonly minPrice?: bigint;
  /** Slots that are never sold; 1 when absent. */
  readonly freeSlots?: number;
  /** Slots that are sold at the most; 200 when absent. */
  readonly paidSlots?: number;
  /** Channels that can be closed sooner are refused; a week when absent, an hour with play money. */
  readonly minChallengeSeconds?: number;
}

/** How download is bought. */
export interface BuyingOptions {
  /** Always bid so much, in wei per MiB; when absent, bids are raised while that buys speed. */
  readonly bid?: bigint;
  /** Wei to spend at the most; {@link DEFAULT_BUDGET} when absent. */
  readonly budget?: bigint;
  /** Wei of the budget that are spent already, as `ChannelStore.spentOf` tells; 0 when absent. */
  readonly spentWei?: bigint;
  /** Say for which torrents it is paid, for anybody to see: sellers need it for their rewards. False when absent. */
  readonly receipts?: boolean;
  /** Which torrents are paid for; all when absent. Asked every round of bids. */
  isPaid?(torrent: TradedTorrent): boolean;
}

/** What a program may want to show. */
export interface TradingEvents extends BuyerEvents {
  redeemed?(redeemed: Redeemed): void;
  attributed?(attributed: Attributed): void;
  /** Nothing was redeemed or written down now; it is tried again. */
  settlementFailed?(error: unknown): void;
}

export interface TradingInit {
  readonly place: PaidPlace;
  readonly clock: Clock;
  readonly random: Random;
  readonly sender: Sender;
  /** The account that is paid for what is sold, whose deposit pays for what is bought, and that pays fees. */
  readonly signer: Signer;
  /** Signs vouchers. Absent: nothing can be bought. */
  readonly sessionKey?: SessionKey;
  /** Null or absent to sell nothing, for now. */
  readonly selling?: SellingOptions | null;
  /** Null or absent to buy nothing, for now. */
  readonly buying?: BuyingOptions | null;
  /** Who gets the free slots; tit for tat when absent. */
  readonly free?: UploadPolicy;
  readonly on?: TradingEvents;
  /** A claim with less than this unredeemed waits; {@link DEFAULT_WORTH_WEI} when absent. */
  readonly worthWei?: bigint;
  /** Ends waiting for the chain. */
  readonly signal?: AbortSignal;
}

export function toSellingTerms(options: SellingOptions, isPlayMoney: boolean): SellingTerms {
  const challenge = isPlayMoney ? PLAY_CHALLENGE_SECONDS : DEFAULT_CHALLENGE_SECONDS;
  return {
    minPrice: options.minPrice ?? DEFAULT_MIN_PRICE,
    freeSlots: options.freeSlots ?? 1,
    paidSlots: options.paidSlots ?? PAID_SLOTS,
    minChallengeSeconds: options.minChallengeSeconds ?? challenge,
    minChannelWei: isPlayMoney ? 0n : DEFAULT_WORTH_WEI,
    window: { maxBytes: DEFAULT_MAX_WINDOW_BYTES, maxExposure: MAX_EXPOSURE },
  };
}
