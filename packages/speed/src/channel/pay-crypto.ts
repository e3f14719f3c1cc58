import {
  type Address,
  type CompactSignature,
  type Hex,
  hexBytes,
  SignatureChecker,
  signCompact,
  type Signer,
} from "@shoal/chain";
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

/** The payee's account, as far as trading needs it. The key stays with its signer. */
export class PayeeSigner {
  readonly #digests: PayDigests;
  readonly #signer: Signer;

  constructor(digests: PayDigests, signer: Signer) {
    this.#digests = digests;
    this.#signer = signer;
  }

  get address(): Address {
    return this.#signer.address;
  }

  /** @throws {AccountError} as {@link Signer.sign}. */
  async signOffer(at: PayConnection, terms: OfferTerms): Promise<CompactSignature> {
    return await this.#sign(this.#digests.offer(at, terms), "offer bandwidth to a peer");
  }

  /** After this nothing more is served on the channel. @throws {AccountError} as {@link Signer.sign}. */
  async signClose(channel: ChannelId, total: bigint): Promise<CompactSignature> {
    return await this.#sign(this.#digests.close(channel, total), `close channel ${channel}`);
  }

  async #sign(digest: Uint8Array, summary: string): Promise<CompactSignature> {
    const signature = await this.#signer.sign({
      purpose: "typed-data",
      digest: `0x${Buffer.from(digest).toString("hex")}`,
      chainId: Number(this.#digests.chainId),
      spends: [],
      summary,
    });
    return toCompact(signature);
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

/** @param signature 65 bytes: r, s, and v as 27 or 28. */
export function toCompact(signature: Hex): CompactSignature {
  const bytes = hexBytes(signature);
  const vs = bytes.slice(32, 64);
  if (bytes[64] === 28) vs[0]! |= 0x80;
  return { r: bytes.slice(0, 32), vs };
}
