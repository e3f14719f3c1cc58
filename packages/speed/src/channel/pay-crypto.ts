import { type Address, type CompactSignature, SignatureChecker, signCompact } from "@shoal/chain";
import type { ChannelId } from "./channel-key.ts";
import type { OfferTerms, PayConnection, ReceiptTerms } from "./pay-terms.ts";
import type { PayDigests } from "./pay-digests.ts";

/**
 * Checks what is signed between peers, under EIP-712 in the domain of one channels' contract on one chain: what is signed
 * for another chain or contract does not fit. They say no to whatever bytes strangers send, and never throw.
 */
export class PayChecks {
  readonly digests: PayDigests;
  readonly #checker = new SignatureChecker();

  constructor(digests: PayDigests) {
    this.digests = digests;
  }

  isOffer(at: PayConnection, terms: OfferTerms, by: Address, signature: CompactSignature): boolean {
    return this.#checker.isSigned(this.digests.offer(at, terms), signature, by);
  }

  isBid(
    at: PayConnection,
    channel: ChannelId,
    price: bigint,
    by: Address,
    signature: CompactSignature,
  ): boolean {
    return this.#checker.isSigned(this.digests.bid(at, channel, price), signature, by);
  }

  isVoucher(channel: ChannelId, total: bigint, by: Address, signature: CompactSignature): boolean {
    return this.#checker.isSigned(this.digests.voucher(channel, total), signature, by);
  }

  isClose(channel: ChannelId, total: bigint, by: Address, signature: CompactSignature): boolean {
    return this.#checker.isSigned(this.digests.close(channel, total), signature, by);
  }

  isReceipt(
    channel: ChannelId,
    { torrent, size, total }: ReceiptTerms,
    by: Address,
    signature: CompactSignature,
  ): boolean {
    const digest = this.digests.receipt(channel, torrent, size, total);
    return this.#checker.isSigned(digest, signature, by);
  }
}

/** The payee's key, as far as trading needs it: consents bind the payee, and offers its name. */
export class PayeeSigner {
  readonly address: Address;
  readonly #digests: PayDigests;
  readonly #key: Uint8Array;

  /** @param key 32 bytes. */
  constructor(digests: PayDigests, address: Address, key: Uint8Array) {
    this.#digests = digests;
    this.address = address;
    this.#key = key;
  }

  signOffer(at: PayConnection, terms: OfferTerms): CompactSignature {
    return signCompact(this.#digests.offer(at, terms), this.#key);
  }

  /** After this nothing more is served on the channel. */
  signClose(channel: ChannelId, total: bigint): CompactSignature {
    return signCompact(this.#digests.close(channel, total), this.#key);
  }
}

/** A payer's session key: it can spend what channels hold that name it, and nothing else. */
export class SessionSigner {
  readonly address: Address;
  readonly #digests: PayDigests;
  readonly #key: Uint8Array;

  /** @param key 32 bytes. */
  constructor(digests: PayDigests, address: Address, key: Uint8Array) {
    this.#digests = digests;
    this.address = address;
    this.#key = key;
  }

  signBid(at: PayConnection, channel: ChannelId, price: bigint): CompactSignature {
    return signCompact(this.#digests.bid(at, channel, price), this.#key);
  }

  signVoucher(channel: ChannelId, total: bigint): CompactSignature {
    return signCompact(this.#digests.voucher(channel, total), this.#key);
  }

  /** @param torrent 32 bytes. @param size Of the torrent, in bytes. */
  signReceipt(channel: ChannelId, torrent: Uint8Array, size: bigint, total: bigint) {
    return signCompact(this.#digests.receipt(channel, torrent, size, total), this.#key);
  }
}
