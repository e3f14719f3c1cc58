import type { ExtensionPeer } from "@shoal/engine";
import type { Clock } from "@shoal/runtime";
import { SellingAccount } from "../account/selling-account.ts";
import { bytesFor, priceOf } from "../account/meter.ts";
import { FIRST_WINDOW_BYTES } from "../account/credit-window.ts";
import type { ChannelId, ChannelKey, ChannelState } from "../channel/channel-key.ts";
import type { ChannelReader } from "../channel/channel-reader.ts";
import type { PayChecks, PayeeSigner } from "../channel/pay-crypto.ts";
import type { PayConnection } from "../channel/pay-terms.ts";
import { toBytes20, toPayAddress } from "../channel/pay-address.ts";
import { PayWireError } from "../errors.ts";
import { encodePay } from "../wire/pay-codec.ts";
import {
  PAY_VERSION,
  type Bid,
  type Receipt,
  type RejectReason,
  type Voucher,
} from "../wire/pay-message.ts";
import type { Claim } from "./claim.ts";
import type { Claims } from "./claims.ts";
import { Patience } from "./patience.ts";
import { type EndedTrade, keepLateVoucher, keepReceipt } from "./ended-trade.ts";
import { FORGIVEN_BYTES, FORGIVEN_DIVISOR, type SellingTerms } from "./selling-terms.ts";

/** What selling needs around it; one for all connections. */
export interface SellingWorld {
  readonly clock: Clock;
  readonly checks: PayChecks;
  readonly payee: PayeeSigner;
  readonly channels: ChannelReader;
  readonly claims: Claims;
  readonly terms: SellingTerms;
  /** Whether anything is sold now. */
  readonly isOpen: boolean;
  /** What was sold is paid before the end: nothing more is sent to those who pay. */
  readonly isEnding: boolean;
  /** By channel, the connection that uses it. */
  readonly inUse: Map<ChannelId, SellingPeer>;
  /** The peer's credit has grown. */
  wake(peerId: number): void;
  /** Bids have changed: slots are to be dealt anew. */
  onBid(peer: SellingPeer): void;
}

const NO_SIGNATURE = { r: new Uint8Array(32), vs: new Uint8Array(32) };

/** The payee's side of `bt_pay` on one connection. */
export class SellingPeer {
  readonly #world: SellingWorld;
  readonly #peer: ExtensionPeer;
  readonly #connection: PayConnection;
  #account: SellingAccount | null = null;
  #channel: { readonly id: ChannelId; readonly key: ChannelKey } | null = null;
  /** The last trade that this side ended, until the next one begins. */
  #ended: EndedTrade | null = null;
  /** A bid that is being looked into; the newest one that came meanwhile is looked into next. */
  #checking = false;
  #next: Bid | null = null;
  /** How often bids were taken back: a bid from before is void. */
  #withdrawals = 0;
  /** Bytes that were paid for with vouchers that are not on disk yet. */
  #aheadBytes = 0;
  /** The window that the payer knows of. */
  #toldBytes = 0;
  #closed = false;
  #patience = new Patience();

  constructor(world: SellingWorld, peer: ExtensionPeer, connection: PayConnection) {
    this.#world = world;
    this.#peer = peer;
    this.#connection = connection;
  }

  get peerId(): number {
    return this.#peer.view.id;
  }

  /** Wei per MiB; 0 when the peer is not served for money. Backed by a confirmed channel. */
  get bid(): bigint {
    return this.#account === null || this.#account.isSettling ? 0n : this.#account.price;
  }

  /** It has used up its window and does not pay: until it does, a slot would be wasted on it. */
  get isStalled(): boolean {
    return this.#patience.hasLostSlot(this.#world.clock.monotonicMs());
  }

  get account(): SellingAccount | null {
    return this.#account;
  }
  get channel(): { readonly id: ChannelId; readonly key: ChannelKey } | null {
    return this.#channel;
  }

  /**
   * Bytes that may be sent now; `Infinity` for a peer that is served for free. What is unpaid and what a crash would lose
   * of vouchers are one window together.
   * @param nextBytes Length of the request that waits first.
   */
  creditFor(nextBytes: number): number {
    const account = this.#account;
    if (account === null) return Infinity;
    if (this.#world.isEnding) return 0;
    return this.#aheadBytes > 0
      ? account.creditBytes - this.#aheadBytes
      : account.creditFor(nextBytes);
  }

  /** Something that was sent is not paid, or a voucher not on disk. */
  get isOwed(): boolean {
    if (this.#account === null || this.#channel === null) return false;
    const durable = this.#world.claims.durableTotal(this.#channel.id);
    return this.#account.unpaid > 0n || durable < this.#account.paid;
  }

  /** Tells the peer that bandwidth is for sale here. Says nothing when the payee's key is locked. */
  async offer(): Promise<void> {
    const { checks, payee, terms, isOpen } = this.#world;
    if (!isOpen) return;
    const { minPrice, minChallengeSeconds, paidSlots: slots } = terms;
    const signature = await payee.signOffer(this.#connection, terms).catch(() => null);
    if (signature === null) return;
    this.#send({
      type: "offer",
      version: PAY_VERSION,
      chainId: checks.digests.chainId,
      contract: toBytes20(checks.digests.contract),
      payee: toBytes20(payee.address),
      minPrice,
      minChallengeSeconds,
      slots,
      ...signature,
    });
  }

  /** @throws {PayWireError} when the bid is not signed by the channel's signer. */
  onBid(bid: Bid): void {
    if (bid.price === 0n) {
      this.#withdrawals++;
      this.#next = null;
      this.#leave();
      return;
    }
    const key = this.#keyOf(bid);
    const id = this.#world.checks.digests.channelId(key);
    if (!this.#world.checks.isBid(this.#connection, id, bid.price, key.signer, bid)) {
      throw new PayWireError("a bid that the channel's signer did not sign");
    }
    if (this.#checking) {
      this.#next = bid;
      return;
    }
    this.#checking = true;
    void this.#check(bid, key, id).finally(() => {
      this.#checking = false;
      const next = this.#next;
      this.#next = null;
      if (next !== null && !this.#closed) this.onBid(next);
    });
  }

  /** @throws {PayWireError} when its signature does not fit, or its total is beyond reason. */
  onVoucher(voucher: Voucher): void {
    const { checks, claims } = this.#world;
    if (this.#account === null || this.#channel === null) {
      if (this.#ended !== null) keepLateVoucher(this.#world, this.#ended, voucher);
      return;
    }
    const { id, key } = this.#channel;
    if (!checks.isVoucher(id, voucher.total, key.signer, voucher)) {
      throw new PayWireError("a voucher that the channel's signer did not sign");
    }
    const verdict = this.#account.pay(voucher.total);
    if (!verdict.ok) return this.#end("voucher");
    const before = claims.of(id, key);
    if (verdict.gain > 0n || verdict.forgiven > 0n || before.debt > 0n) {
      const forgiven = before.forgiven + verdict.forgiven;
      // A late one of an earlier connection may be worth more.
      const { total, signature } = voucher.total > before.total ? toPaid(voucher) : before;
      claims.put({ ...before, total, signature, debt: 0n, forgiven });
    }
    this.#patience.paid(this.#world.clock.monotonicMs());
    this.#measureAhead();
    if (this.#aheadBytes >= this.#account.windowBytes / 2) claims.hurry();
    this.#world.wake(this.peerId);
    // Who knows that the window is wide pays more seldom.
    const hasGrown = this.#account.windowBytes >= 2 * this.#toldBytes;
    if (verdict.gain === 0n || hasGrown) this.acknowledge();
    if (verdict.forgiven > 0n) this.#world.onBid(this);
  }

  /** @throws {PayWireError} when its signature does not fit. */
  onReceipt(receipt: Receipt): void {
    const channel = this.#channel ?? this.#ended;
    if (channel === null) return;
    if (!namesTorrent(receipt.torrent, this.#connection.infoHash)) {
      throw new PayWireError("a receipt for another torrent");
    }
    const fits = keepReceipt(this.#world, channel, receipt);
    if (!fits && this.#channel !== null) {
      throw new PayWireError("a receipt that the channel's signer did not sign");
    }
  }

  blockSent(lengthBytes: number): void {
    this.#account?.sent(lengthBytes);
  }

  /** More of this channel's total is on disk. */
  acknowledge(): void {
    if (this.#account === null || this.#channel === null) return;
    const durable = this.#world.claims.durableTotal(this.#channel.id);
    const { paid } = this.#account;
    const total = durable < paid ? durable : paid;
    this.#measureAhead();
    this.#toldBytes = this.#account.windowBytes;
    this.#send({ type: "ack", total, windowBytes: this.#toldBytes });
    this.#world.wake(this.peerId);
  }

  /** To be called every second or so. */
  tick(nowMs: number): void {
    const account = this.#account;
    if (account === null) return;
    if (account.isExhausted && account.unpaid === 0n) {
      return this.#end("exhausted");
    }
    this.#patience.note(account.creditBytes < FIRST_WINDOW_BYTES && account.unpaid > 0n, nowMs);
    if (this.#patience.hasDefaulted(nowMs)) this.#end("debt");
  }

  /** The connection ended, or another one uses the channel. */
  close(): void {
    this.#closed = true;
    this.#leave();
  }

  /**
   * Consents to the channel's end at what its newest voucher says, which settles everything. Nothing is served on it
   * afterwards, whatever the payer does with the consent: that is on disk before it is given.
   * @throws {StoreError} when it cannot be; {AccountError} when the payee's key is locked.
   */
  async consentToClose(): Promise<void> {
    if (this.#channel === null) return;
    const { claims, payee } = this.#world;
    const { id, key } = this.#channel;
    this.#leave();
    const claim = claims.of(id, key);
    const { total } = claim;
    claims.put({ ...claim, isEnding: true });
    await claims.flush();
    this.#send({ type: "close", total, ...(await payee.signClose(id, total)) });
  }

  #measureAhead(): void {
    if (this.#account === null || this.#channel === null) return;
    const ahead = this.#account.paid - this.#world.claims.durableTotal(this.#channel.id);
    this.#aheadBytes = bytesFor(ahead, this.#account.price);
  }

  async #check(bid: Bid, key: ChannelKey, id: ChannelId): Promise<void> {
    const { terms, channels, claims, inUse } = this.#world;
    if (!this.#world.isOpen) return this.#end("other");
    if (bid.price < terms.minPrice) return this.#end("price");
    if (key.challengeSeconds < terms.minChallengeSeconds) return this.#end("challenge");
    const claim = claims.of(id, key);
    if (claim.isEnding) return this.#end("closing");
    if (owesTooMuch(claim, bid.price, terms)) return this.#end("debt");
    const withdrawals = this.#withdrawals;
    let state: ChannelState | null;
    try {
      state = await channels.read(id);
    } catch {
      // Trade on a channel that is known goes on, as far as it is known.
      if (this.#account === null || this.#channel?.id !== id) return this.#end("chain");
      const { capacity } = this.#account;
      state = { capacity, paid: 0n, closableAt: null, isClosed: false };
    }
    if (this.#closed || withdrawals !== this.#withdrawals) return;
    if (claims.of(id, key).isEnding) return this.#end("closing");
    if (state === null) return this.#end("no-channel");
    if (state.isClosed || state.closableAt !== null) return this.#end("closing");
    if (this.#account !== null && this.#channel?.id === id) {
      this.#account.setCapacity(state.capacity);
      this.#account.setPrice(bid.price);
      return this.#accept(claims.of(id, key));
    }
    const left = state.capacity - claim.total;
    const least = priceOf(FIRST_WINDOW_BYTES, bid.price);
    if (left < least || left < (claim.total === 0n ? terms.minChannelWei : 0n)) {
      return this.#end("exhausted");
    }
    this.#leave();
    inUse.get(id)?.yield();
    inUse.set(id, this);
    this.#channel = { id, key };
    this.#ended = null;
    const { total, debt } = claims.of(id, key);
    this.#account = new SellingAccount({
      price: bid.price,
      capacity: state.capacity,
      total,
      debt,
      bounds: terms.window,
    });
    this.#measureAhead();
    this.#accept(claims.of(id, key));
  }

  /** Another connection of the payer uses the channel from now on, or nothing is sold any more. */
  yield(): void {
    this.#end("other");
  }

  /** Its channel as it is now: one that is gone, or being closed, is served on no longer. */
  learn(id: ChannelId, state: ChannelState | null): void {
    if (this.#account === null || this.#channel?.id !== id) return;
    if (state === null) this.#end("no-channel");
    else if (state.isClosed || state.closableAt !== null) this.#end("closing");
    else this.#account.setCapacity(state.capacity);
  }

  /** The terms have changed: who pays too little is told. */
  review(): void {
    if (this.#account !== null && this.#account.price < this.#world.terms.minPrice) {
      this.#end("price");
    }
  }

  #accept(claim: Claim): void {
    const { price, windowBytes } = this.#account!;
    this.#toldBytes = windowBytes;
    const { total, debt, signature } = claim;
    this.#send({ type: "accept", price, windowBytes, total, debt, ...(signature ?? NO_SIGNATURE) });
    this.#world.onBid(this);
    this.#world.wake(this.peerId);
  }

  /** Serves the peer for money no longer. What it has not paid is remembered. */
  #leave(): void {
    const account = this.#account;
    const channel = this.#channel;
    this.#account = null;
    this.#channel = null;
    this.#patience = new Patience();
    this.#aheadBytes = 0;
    if (account === null || channel === null) return;
    this.#ended = { ...channel, capacity: account.capacity };
    const { claims, inUse } = this.#world;
    if (inUse.get(channel.id) === this) inUse.delete(channel.id);
    const debt = account.unpaid;
    const claim = claims.of(channel.id, channel.key);
    if (debt !== claim.debt) claims.put({ ...claim, debt });
    this.#world.onBid(this);
    this.#world.wake(this.peerId);
  }

  #keyOf(bid: Bid): ChannelKey {
    return {
      payer: toPayAddress(bid.payer),
      payee: this.#world.payee.address,
      signer: toPayAddress(bid.signer),
      challengeSeconds: bid.challengeSeconds,
      salt: bid.salt,
    };
  }

  /** Serves the peer for money no longer, and says why. */
  #end(reason: RejectReason): void {
    this.#leave();
    this.#send({ type: "reject", reason });
  }

  #send(message: Parameters<typeof encodePay>[0]): void {
    if (!this.#closed) this.#peer.send(encodePay(message));
  }
}

function toPaid({ total, r, vs }: Voucher): Pick<Claim, "total" | "signature"> {
  return { total, signature: { r, vs } };
}

/** A v2 infohash, whose first 20 bytes name the swarm, or a v1 infohash and twelve zeros. */
function namesTorrent(torrent: Uint8Array, infoHash: Uint8Array): boolean {
  return Buffer.compare(torrent.subarray(0, 20), infoHash) === 0;
}

/** Debts that were not owned to add up: blocks get lost when connections end, but not so many. */
function owesTooMuch(
  { total, forgiven, debt }: Claim,
  price: bigint,
  { window }: SellingTerms,
): boolean {
  const some = priceOf(FORGIVEN_BYTES, price);
  const slack = some < window.maxExposure ? some : window.maxExposure;
  return forgiven + debt > slack + total / FORGIVEN_DIVISOR;
}
