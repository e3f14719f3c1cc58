import type { ExtensionPeer, ExtensionSession } from "@shoal/engine";
import { type ExtensionHandshake, fromHex } from "@shoal/protocol";
import type { Clock } from "@shoal/runtime";
import { BuyingPeer, type BuyingWorld } from "../buying/buying-peer.ts";
import { NONCE_LENGTH_BYTES, type PayConnection } from "../channel/pay-terms.ts";
import { SellingPeer, type SellingWorld } from "../selling/selling-peer.ts";
import { decodePay } from "../wire/pay-codec.ts";
import { PAY_EXTENSION } from "../wire/pay-message.ts";
import { MessageBudget } from "./message-budget.ts";

/** What one connection trades in. Each part is null for a side that does not do it. */
export interface LinkWorld {
  readonly clock: Clock;
  readonly nonce: Uint8Array;
  readonly selling: SellingWorld | null;
  readonly buying: BuyingWorld | null;
  onOpen(link: PayLink): void;
  onClose(link: PayLink): void;
}

/** `bt_pay` on one connection: each side may sell to the other. */
export class PayLink implements ExtensionSession {
  readonly #world: LinkWorld;
  readonly #peer: ExtensionPeer;
  #selling: SellingPeer | null = null;
  #buying: BuyingPeer | null = null;
  #isOpen = false;
  readonly #budget: MessageBudget;

  constructor(world: LinkWorld, peer: ExtensionPeer) {
    this.#world = world;
    this.#budget = new MessageBudget(world.clock);
    this.#peer = peer;
  }

  get peerId(): number {
    return this.#peer.view.id;
  }
  get view(): ExtensionPeer["view"] {
    return this.#peer.view;
  }
  /** Null until the other side said that it speaks `bt_pay`. */
  get selling(): SellingPeer | null {
    return this.#selling;
  }
  get buying(): BuyingPeer | null {
    return this.#buying;
  }

  /** Somebody has yet to pay, or to say that it is paid. */
  get isBusy(): boolean {
    return this.#selling?.isOwed === true || this.#buying?.isUnsettled === true;
  }

  onHandshake(handshake: ExtensionHandshake, supported: boolean): void {
    if (this.#isOpen || !supported) return;
    const remote = handshake.fields.bytes(PAY_EXTENSION);
    if (remote?.length !== NONCE_LENGTH_BYTES) return;
    this.#isOpen = true;
    const infoHash = fromHex(this.#peer.view.infoHash);
    const theirs = remote.slice();
    const { nonce: ours, selling, buying } = this.#world;
    if (selling !== null) {
      const connection: PayConnection = { infoHash, payeeNonce: ours, payerNonce: theirs };
      this.#selling = new SellingPeer(selling, this.#peer, connection);
    }
    if (buying !== null) {
      const connection: PayConnection = { infoHash, payeeNonce: theirs, payerNonce: ours };
      this.#buying = new BuyingPeer(buying, this.#peer, connection);
    }
    this.#world.onOpen(this);
    void this.#selling?.offer();
  }

  /** @throws {PayWireError} for what no honest peer sends: the connection is closed. */
  onMessage(payload: Uint8Array): void {
    const message = decodePay(payload);
    if (message === null || !this.#isOpen) return;
    this.#budget.spend(message.type);
    switch (message.type) {
      case "offer":
        return this.#buying?.onOffer(message);
      case "accept":
        return this.#buying?.onAccept(message);
      case "ack":
        return this.#buying?.onAck(message);
      case "reject":
        return this.#buying?.onReject(message.reason);
      case "close":
        return this.#buying?.onClose(message);
      case "bid":
        return this.#selling?.onBid(message);
      case "voucher":
        return this.#selling?.onVoucher(message);
      case "receipt":
        return this.#selling?.onReceipt(message);
    }
  }

  /** Called for every block. */
  blockSent(lengthBytes: number): void {
    this.#budget.earn();
    this.#selling?.blockSent(lengthBytes);
  }

  /** Called for every block. @returns Whether the peer could be one that is paid. */
  blockReceived(lengthBytes: number): boolean {
    this.#budget.earn();
    this.#buying?.blockReceived(lengthBytes);
    return this.#buying !== null;
  }

  onClose(): void {
    this.#selling?.close();
    this.#buying?.close();
    if (this.#isOpen) this.#world.onClose(this);
  }
}
