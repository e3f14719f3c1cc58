import type { CompactSignature } from "@shoal/chain";

/** The extension's name in the handshake's `m` dictionary (BEP 10). */
export const PAY_EXTENSION = "bt_pay";
/** What this side speaks. An offer of another version is passed over. */
export const PAY_VERSION = 1;

/**
 * I sell. The payee signs it together with the connection, so that an offer cannot be passed off on another connection:
 * see `offerDigest`.
 */
export interface Offer extends CompactSignature {
  readonly type: "offer";
  readonly version: number;
  readonly chainId: bigint;
  /** The channels' contract: 20 bytes. */
  readonly contract: Uint8Array;
  /** 20 bytes. */
  readonly payee: Uint8Array;
  /** Wei per MiB. */
  readonly minPrice: bigint;
  /** Channels that can be closed sooner are refused. */
  readonly minChallengeSeconds: number;
  /** How many are served for money at once. */
  readonly slots: number;
}

/**
 * I would pay so much, out of this channel. The channel's signer signs it together with the connection: nobody else can use
 * the channel, or pass a bid off on another connection.
 */
export interface Bid extends CompactSignature {
  readonly type: "bid";
  /** Wei per MiB; 0 takes the bid back. */
  readonly price: bigint;
  /** 20 bytes. */
  readonly payer: Uint8Array;
  /** Who signs vouchers: 20 bytes. */
  readonly signer: Uint8Array;
  readonly challengeSeconds: number;
  readonly salt: bigint;
}

/**
 * From here on, in the order of this connection, blocks are charged at this price on top of `total`, which is what the
 * payee's newest voucher says; its signature comes along, so that a payer who forgot can go on. Where `debt` is not 0, the
 * payer first sends a voucher for what it owns to, and nothing is sent before. A further one on the same connection and
 * channel changes price and window alone.
 */
export interface Accept extends CompactSignature {
  readonly type: "accept";
  readonly price: bigint;
  /** Bytes that may be unpaid. */
  readonly windowBytes: number;
  /** Wei; with 0 the signature is zeros. */
  readonly total: bigint;
  /** Wei that an earlier connection left unpaid, by the payee's count. */
  readonly debt: bigint;
}

/** The channel's running total; the newest one is the whole truth. */
export interface Voucher extends CompactSignature {
  readonly type: "voucher";
  /** Wei. */
  readonly total: bigint;
}

/** So much is kept durably, and so much may be unpaid from now on. */
export interface Ack {
  readonly type: "ack";
  readonly total: bigint;
  readonly windowBytes: number;
}

/** Why a payee does not serve for money. What follows is free or not at all. */
export type RejectReason =
  /** There is no such channel yet, or not as long as is wanted. */
  | "no-channel"
  /** It can be closed too soon. */
  | "challenge"
  /** Nothing is left in it. */
  | "exhausted"
  /** It is being closed. */
  | "closing"
  /** Below the reserve price. */
  | "price"
  /** A voucher that does not fit. */
  | "voucher"
  /** Too much was left unpaid. */
  | "debt"
  /** The chain cannot be asked now. */
  | "chain"
  /** Something that this version does not know. */
  | "other";

export interface Reject {
  readonly type: "reject";
  readonly reason: RejectReason;
}

/** The payee agrees that the channel is closed with this total. */
export interface Close extends CompactSignature {
  readonly type: "close";
  readonly total: bigint;
}

/** Opt-in: so much of the channel's total was for this torrent. What seeding rewards count. */
export interface Receipt extends CompactSignature {
  readonly type: "receipt";
  /** 32 bytes: the v2 infohash, or the v1 infohash and twelve zeros. */
  readonly torrent: Uint8Array;
  /** The torrent's size in bytes. */
  readonly size: bigint;
  /** Wei, cumulative. */
  readonly total: bigint;
}

export type PayMessage = Offer | Bid | Accept | Voucher | Ack | Reject | Close | Receipt;
