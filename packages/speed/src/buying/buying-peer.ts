import type { ExtensionPeer } from "@shoal/engine";
import { toHex } from "@shoal/protocol";
import { BuyingAccount } from "../account/buying-account.ts";
import { toBytes20, toPayAddress } from "../channel/pay-address.ts";
import type { ChannelId } from "../channel/channel-key.ts";
import type { PayChecks, SessionSigner } from "../channel/pay-crypto.ts";
import type { PayConnection, ReceiptTerms } from "../channel/pay-terms.ts";
import { PayWireError } from "../errors.ts";
import { encodePay } from "../wire/pay-codec.ts";
import type { Accept, Ack, Close, Offer, RejectReason } from "../wire/pay-message.ts";
import type { OwnChannel, Purse } from "./purse.ts";
import type { SellerOffer } from "./seller-offer.ts";

/** What buying needs around it; one for all connections. */
export interface BuyingWorld {
  readonly checks: PayChecks;
  readonly signer: SessionSigner;
  readonly purse: Purse;
  /** Bytes between two vouchers to one seller, below which they are not worth their signature. */
  spacingBytes(): number;
  /** The peer sells bandwidth. */
  onOffer(peer: BuyingPeer): void;
  /** The peer serves for money from now on, at the price that it took. */
  onAccepted(peer: BuyingPeer): void;
  /** It does not, or no longer. */
  onRejected(peer: BuyingPeer, reason: RejectReason): void;
  /** A voucher was signed; wei more than the one before. */
  onPaid(peer: BuyingPeer, gain: bigint): void;
  /** What receipts name a peer's torrent by; null when none are to be given. */
  torrentOf(peer: BuyingPeer): Omit<ReceiptTerms, "total"> | null;
  /** The payee has kept a voucher. */
  onAcknowledged(peer: BuyingPeer): void;
  /** The payee consents to the channel's end. */
  onClose(peer: BuyingPeer, channel: OwnChannel, close: Close): void;
}

/** The payer's side of `bt_pay` on one connection. */
export class BuyingPeer {
  readonly #world: BuyingWorld;
  readonly #peer: ExtensionPeer;
  readonly #connection: PayConnection;
  #offer: SellerOffer | null = null;
  #channel: OwnChannel | null = null;
  /** Receipts that are being kept, before they are given. */
  #saying = 0;
  /** Wei paid that no receipt says what for. */
  #unsaid = 0n;
  /** What was bid last, whether it was taken or not. Wei per MiB. */
  #bid = 0n;
  /** Prices of the bids that were not answered, in the order of sending. */
  #unanswered: bigint[] = [];
  #hasBid = false;
  #account: BuyingAccount | null = null;
  /** A voucher is due once all that came together has been counted. */
  #isDue = false;

  constructor(world: BuyingWorld, peer: ExtensionPeer, connection: PayConnection) {
    this.#world = world;
    this.#peer = peer;
    this.#connection = connection;
  }

  get view(): ExtensionPeer["view"] {
    return this.#peer.view;
  }
  /** Null for a peer that sells nothing, or nothing on this chain. */
  get offer(): SellerOffer | null {
    return this.#offer;
  }
  get channel(): OwnChannel | null {
    return this.#channel;
  }
  get account(): BuyingAccount | null {
    return this.#account;
  }
  get bidPrice(): bigint {
    return this.#bid;
  }

  /** A bid was neither accepted nor rejected yet. */
  get isAwaited(): boolean {
    return this.#unanswered.length > 0;
  }

  /** Something is not paid, or not acknowledged. */
  get isUnsettled(): boolean {
    const account = this.#account;
    if (this.#saying > 0) return true;
    if (account === null || account.isSuspended) return false;
    return account.unpaid > 0n || account.acknowledged < account.paid;
  }

  /** @throws {PayWireError} when it is not signed for this connection. */
  onOffer(offer: Offer): void {
    const { checks } = this.#world;
    if (offer.chainId !== checks.digests.chainId) return;
    const payee = toPayAddress(offer.payee);
    if (toPayAddress(offer.contract) !== checks.digests.contract) return;
    if (!checks.isOffer(this.#connection, offer, payee, offer)) {
      throw new PayWireError("an offer that was not signed for this connection");
    }
    const { minPrice, minChallengeSeconds, slots } = offer;
    this.#offer = { payee, minPrice, minChallengeSeconds, slots };
    this.#world.onOffer(this);
  }

  /**
   * Bids out of a channel of ours to this payee; again with another price, or after the channel was topped up.
   * @param price Wei per MiB.
   */
  bid(channel: OwnChannel, price: bigint): void {
    if (this.#channel !== null && this.#channel.id !== channel.id) this.#settleUp();
    this.#channel = channel;
    this.#bid = price;
    this.#account?.setCapacity(channel.allowed);
    this.#unanswered.push(price);
    // Both sides have to agree that nothing is charged before the answer.
    if (this.#account === null && this.#hasBid) this.#sendBid(channel, 0n);
    this.#hasBid = true;
    this.#sendBid(channel, price);
  }

  /** Takes the bid back; what has arrived is paid. */
  withdraw(): void {
    if (this.#channel === null) return;
    const channel = this.#channel;
    this.#settleUp();
    this.#bid = 0n;
    this.#unanswered = [];
    this.#sendBid(channel, 0n);
  }

  /** @throws {PayWireError} when nobody bid so, or what it shows was not signed by us. */
  onAccept(accept: Accept): void {
    const channel = this.#channel;
    // It crossed the bid that took all bids back.
    if (channel === null || this.#bid === 0n) return;
    this.#checkPrice(accept.price);
    if (this.#account !== null) {
      this.#account.setPrice(accept.price, accept.windowBytes);
      this.#world.onAccepted(this);
      return;
    }
    const { checks, purse, signer } = this.#world;
    const { total, price, windowBytes } = accept;
    if (total > 0n && !checks.isVoucher(channel.id, total, signer.address, accept)) {
      throw new PayWireError("a total that was never signed");
    }
    const signed = purse.signedTotal(channel.id);
    if (total > signed) purse.signed(channel.id, total);
    const capacity = channel.allowed;
    this.#account = new BuyingAccount({ price, capacity, total, signed, windowBytes });
    if (accept.debt > 0n) {
      // What this side counted too; the rest was lost on the way when the last connection ended.
      const known = purse.unpaid(channel.id) + (signed > total ? signed - total : 0n);
      this.#account.add(known < accept.debt ? known : accept.debt);
    }
    // A payee that crashed has lost what it had not written down yet: it is its money all the same.
    if (accept.debt > 0n || signed > total) this.pay();
    purse.leftUnpaid(channel.id, 0n);
    this.#world.onAccepted(this);
  }

  onAck({ total, windowBytes }: Ack): void {
    this.#account?.acknowledge(total, windowBytes);
    this.#world.onAcknowledged(this);
  }

  onReject(reason: RejectReason): void {
    this.#payDue();
    const channel = this.#channel;
    // The trade's end may have crossed a bid, which is answered then: as a new trade.
    const isCrossed = this.#account !== null && this.isAwaited;
    this.#leave();
    if (isCrossed) this.#channel = channel;
    else this.#bid = 0n;
    if (!isCrossed) this.#unanswered = [];
    this.#world.onRejected(this, reason);
  }

  onClose(close: Close): void {
    this.#payDue();
    const channel = this.#channel;
    const offer = this.#offer;
    if (channel === null || offer === null) return;
    if (!this.#world.checks.isClose(channel.id, close.total, offer.payee, close)) {
      throw new PayWireError("a close that the payee did not sign");
    }
    this.#leave();
    this.#world.onClose(this, channel, close);
  }

  /** A block arrived, in the order of sending. Called for every block. */
  blockReceived(lengthBytes: number): void {
    const account = this.#account;
    if (account === null) return;
    account.received(lengthBytes);
    if (this.#isDue || !account.isDue(this.#world.spacingBytes(), this.#isLast)) return;
    this.#isDue = true;
    // One voucher for all blocks that were read from the socket at once.
    void Promise.resolve().then(() => this.#payDue());
  }

  /** A block of this peer belongs to a piece that proved good, or bad. Called for every block. */
  blockVerified(lengthBytes: number, ok: boolean): void {
    const account = this.#account;
    if (account === null) return;
    if (!ok) account.suspend();
    else if (account.isSuspended) account.proved(lengthBytes);
  }

  /**
   * To be called some times a second. The engine finds out who spoiled a piece: it bans the liar, and takes the others off
   * parole. Until then what proves good is paid, so that a suspect has a reason to send what clears it.
   */
  review(): void {
    const account = this.#account;
    if (account?.isSuspended !== true) return;
    if (!this.#peer.view.onParole) account.resume();
    if (!account.isSuspended || account.hasProven) this.pay();
  }

  /** Signs a voucher over all that has arrived. Also without a gain: a debt is settled by it. */
  pay(): void {
    const account = this.#account;
    const channel = this.#channel;
    if (account === null || channel === null) return;
    const { purse } = this.#world;
    const before = purse.signedTotal(channel.id);
    const total = account.pay();
    purse.signed(channel.id, total);
    this.#send({
      type: "voucher",
      total,
      ...this.#world.signer.signVoucher(channel.id, total),
    });
    // A payee that has lost a voucher is given another: that spends nothing.
    const gain = total > before ? total - before : 0n;
    this.#unsaid += gain;
    this.#world.onPaid(this, gain);
  }

  /** Pays what is unpaid, if anything is. @returns Whether the payee has yet to acknowledge. */
  settle(): boolean {
    const account = this.#account;
    if (account === null || account.isSuspended) return false;
    if (account.unpaid > 0n) this.pay();
    this.#giveReceipt();
    return this.isUnsettled;
  }

  close(): void {
    this.#leave();
  }

  #payDue(): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    if (this.#account === null || this.#account.isSuspended) return;
    this.pay();
    if (this.#isLast) this.#giveReceipt();
  }

  /** After the last block that was asked for, the connection may end at any moment. On fast lines that is so many times a second. */
  get #isLast(): boolean {
    return this.#peer.view.requestsSent === 0;
  }

  /** An answer may be to an earlier bid than the last one. @throws {PayWireError} when nobody bid so much. */
  #checkPrice(price: bigint): void {
    const answered = this.#unanswered.findIndex((bid) => price <= bid);
    const isAgain = this.#account !== null && price <= this.#account.price;
    if (answered < 0 && !isAgain) throw new PayWireError("accepted at more than was bid");
    this.#unanswered.splice(0, answered + 1);
  }

  #sendBid({ id, key }: OwnChannel, price: bigint): void {
    this.#send({
      type: "bid",
      price,
      payer: toBytes20(key.payer),
      signer: toBytes20(key.signer),
      challengeSeconds: key.challengeSeconds,
      salt: key.salt,
      ...this.#world.signer.signBid(this.#connection, id, price),
    });
  }

  #settleUp(): void {
    if (this.#account !== null && this.#account.unpaid > 0n) this.pay();
    this.#giveReceipt();
    this.#leave();
  }

  /** Says what was paid for, where this side wants that said. Not with each voucher: it costs as much as one. */
  #giveReceipt(): void {
    const gain = this.#unsaid;
    if (this.#channel === null || gain === 0n) return;
    this.#unsaid = 0n;
    const named = this.#world.torrentOf(this);
    if (named !== null) void this.#say(this.#channel.id, named, gain);
  }

  /** What a receipt says is kept first: after a crash the next one says more, and never less. */
  async #say(
    channel: ChannelId,
    { torrent, size }: Omit<ReceiptTerms, "total">,
    gain: bigint,
  ): Promise<void> {
    const { purse, signer } = this.#world;
    this.#saying++;
    try {
      const total = await purse.say(channel, toHex(torrent), gain);
      const signature = signer.signReceipt(channel, torrent, size, total);
      this.#send({ type: "receipt", torrent, size, total, ...signature });
    } catch {
      // What could not be kept is in the next receipt; the voucher is worth as much without one.
    } finally {
      this.#saying--;
      this.#world.onAcknowledged(this);
    }
  }

  #leave(): void {
    this.#unsaid = 0n;
    const account = this.#account;
    // A suspect is owed nothing once it is gone: it could come back from another address, whoever it is.
    if (account !== null && this.#channel !== null && !account.isSuspended) {
      this.#world.purse.leftUnpaid(this.#channel.id, account.unpaid);
    }
    this.#account = null;
    this.#channel = null;
  }

  #send(message: Parameters<typeof encodePay>[0]): void {
    this.#peer.send(encodePay(message));
  }
}
