import {
  addressWord,
  type Address,
  hashText,
  hexBytes,
  keccak256,
  TypedDomain,
  uintWord,
} from "@shoal/chain";
import type { ChannelId, ChannelKey } from "./channel-key.ts";
import type { OfferTerms, PayConnection } from "./pay-terms.ts";

/** As `BandwidthChannels` has them; an offer and a bid are between peers alone. */
const VOUCHER = hashText("Voucher(bytes32 channelId,uint256 total)");
const CLOSE = hashText("Close(bytes32 channelId,uint256 total)");
const RECEIPT = hashText("Receipt(bytes32 channelId,bytes32 torrent,uint64 size,uint256 total)");
const OFFER = hashText("Offer(bytes32 connection,uint256 minPrice,uint32 minChallengeSeconds)");
const BID = hashText("Bid(bytes32 connection,bytes32 channelId,uint256 price)");

/** EIP-712 name and version of `BandwidthChannels`. */
const DOMAIN = { name: "Shoal BandwidthChannels", version: "1" };

/** What is signed between payer and payee, as 32 bytes each, for one contract on one chain. */
export class PayDigests {
  readonly chainId: bigint;
  readonly contract: Address;
  readonly #domain: TypedDomain;
  readonly #three = new Uint8Array(3 * 32);
  readonly #four = new Uint8Array(4 * 32);
  readonly #five = new Uint8Array(5 * 32);

  constructor(init: { readonly chainId: number | bigint; readonly contract: Address }) {
    this.chainId = BigInt(init.chainId);
    this.contract = init.contract;
    this.#domain = new TypedDomain({ ...DOMAIN, ...init });
  }

  channelId({ payer, payee, signer, challengeSeconds, salt }: ChannelKey): ChannelId {
    const words = [
      addressWord(payer),
      addressWord(payee),
      addressWord(signer),
      uintWord(BigInt(challengeSeconds)),
      uintWord(salt),
    ];
    const hash = keccak256(fill(this.#five, words));
    return `0x${Buffer.from(hash).toString("hex")}` as ChannelId;
  }

  voucher(channel: ChannelId, total: bigint): Uint8Array {
    return this.#domain.digest(fill(this.#three, [VOUCHER, hexBytes(channel), uintWord(total)]));
  }

  close(channel: ChannelId, total: bigint): Uint8Array {
    return this.#domain.digest(fill(this.#three, [CLOSE, hexBytes(channel), uintWord(total)]));
  }

  /** @param torrent 32 bytes. @param size Of the torrent, in bytes. */
  receipt(channel: ChannelId, torrent: Uint8Array, size: bigint, total: bigint): Uint8Array {
    const words = [RECEIPT, hexBytes(channel), torrent, uintWord(size), uintWord(total)];
    return this.#domain.digest(fill(this.#five, words));
  }

  offer(at: PayConnection, { minPrice, minChallengeSeconds }: OfferTerms): Uint8Array {
    const words = [
      OFFER,
      connectionWord(at),
      uintWord(minPrice),
      uintWord(BigInt(minChallengeSeconds)),
    ];
    return this.#domain.digest(fill(this.#four, words));
  }

  bid(at: PayConnection, channel: ChannelId, price: bigint): Uint8Array {
    const words = [BID, connectionWord(at), hexBytes(channel), uintWord(price)];
    return this.#domain.digest(fill(this.#four, words));
  }
}

/** keccak256 of the infohash and both nonces, the payee's first: 84 bytes. */
function connectionWord({ infoHash, payeeNonce, payerNonce }: PayConnection): Uint8Array {
  return keccak256(Buffer.concat([infoHash, payeeNonce, payerNonce]));
}

function fill(into: Uint8Array, words: readonly Uint8Array[]): Uint8Array {
  words.forEach((word, index) => into.set(word, index * 32));
  return into;
}
