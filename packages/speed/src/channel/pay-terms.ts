/**
 * Where two peers speak: the infohash, and what each of them drew when its session began, which its extension handshake
 * carries. Nothing that is signed for it fits anywhere else.
 */
export interface PayConnection {
  /** 20 bytes, as in the handshake. */
  readonly infoHash: Uint8Array;
  /** 32 bytes. */
  readonly payeeNonce: Uint8Array;
  /** 32 bytes. */
  readonly payerNonce: Uint8Array;
}

/** Of random bytes in the extension handshake's field `bt_pay`. */
export const NONCE_LENGTH_BYTES = 32;

export interface OfferTerms {
  /** Wei per MiB. */
  readonly minPrice: bigint;
  readonly minChallengeSeconds: number;
}

/** So much of a channel's total was for a torrent. */
export interface ReceiptTerms {
  /** 32 bytes. */
  readonly torrent: Uint8Array;
  /** Of the torrent, in bytes. */
  readonly size: bigint;
  /** Wei, cumulative. */
  readonly total: bigint;
}
