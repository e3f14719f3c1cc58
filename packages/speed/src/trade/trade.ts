import type { FlowGate, PeerExtension, PeerView, UploadPolicy } from "@shoal/engine";
import type { Random } from "@shoal/runtime";
import { type AuctionPolicy, createAuctionPolicy } from "../auction/auction-policy.ts";
import type { Buyer } from "../buying/buyer.ts";
import { NONCE_LENGTH_BYTES } from "../channel/pay-terms.ts";
import type { Seller } from "../selling/seller.ts";
import { PAY_EXTENSION } from "../wire/pay-message.ts";
import { type LinkWorld, PayLink } from "./pay-link.ts";

export interface TradeInit {
  readonly random: Random;
  /** Null for a side that sells nothing. */
  readonly seller: Seller | null;
  /** Null for a side that buys nothing. */
  readonly buyer: Buyer | null;
}

/** Paid bandwidth in one session of the engine, through its openings. */
export class Trade {
  readonly extension: PeerExtension;
  readonly gate: FlowGate;
  readonly #seller: Seller | null;
  #auction: AuctionPolicy | null = null;
  /** By the engine's number of the peer. */
  readonly #links = new Map<number, PayLink>();

  /** @throws {TypeError} without a seller and a buyer. */
  constructor({ random, seller, buyer }: TradeInit) {
    this.#seller = seller;
    const nonce = random.bytes(NONCE_LENGTH_BYTES);
    const clock = seller?.clock ?? buyer?.clock;
    if (clock === undefined) throw new TypeError("Expected a seller or a buyer.");
    const world: LinkWorld = {
      clock,
      nonce,
      selling: seller,
      buying: buyer,
      onOpen: (link) => this.#links.set(link.peerId, link),
      onClose: (link) => {
        this.#links.delete(link.peerId);
        if (link.buying !== null) buyer?.gone(link.buying);
      },
    };
    this.extension = {
      name: PAY_EXTENSION,
      handshakeFields: () => ({ [PAY_EXTENSION]: nonce }),
      attach: (peer) => new PayLink(world, peer),
    };
    this.gate = {
      uploadCredit: (peer, nextBytes) =>
        this.#links.get(peer.id)?.selling?.creditFor(nextBytes) ?? Infinity,
      uploadWeight: (peer) => this.#auction?.weightOf(peer) ?? 1,
      downloadCredit: () => Infinity,
      blockSent: (peer, _piece, _begin, lengthBytes) =>
        this.#links.get(peer.id)?.blockSent(lengthBytes),
      blockReceived: (peer, _piece, _begin, lengthBytes) => {
        if (this.#links.get(peer.id)?.blockReceived(lengthBytes) === true) {
          buyer?.blockReceived(lengthBytes);
        }
      },
      blockVerified: (peer, _piece, _begin, lengthBytes, ok) =>
        this.#links.get(peer.id)?.buying?.blockVerified(lengthBytes, ok),
      attach: (wake) => seller?.attach(wake),
    };
  }

  /** The connections whose other side speaks `bt_pay`. */
  get links(): Iterable<PayLink> {
    return this.#links.values();
  }

  /** The auction of upload slots and of a limited rate; slots that nobody pays for are dealt as `free` would. */
  uploadPolicy(free: UploadPolicy): UploadPolicy {
    const seller = this.#seller;
    if (seller === null) return free;
    const terms = () => seller.terms;
    const sellingTo = ({ key }: { readonly key: object }) =>
      this.#links.get((key as PeerView).id)?.selling ?? null;
    this.#auction = createAuctionPolicy({
      bidOf: (peer) => sellingTo(peer)?.bid ?? 0n,
      isStalled: (peer) => sellingTo(peer)?.isStalled === true,
      free,
      get freeSlots() {
        return terms().freeSlots;
      },
      get paidSlots() {
        return terms().paidSlots;
      },
    });
    return this.#auction;
  }
}
