import type { Clock, Timer } from "@shoal/runtime";
import type { Address } from "@shoal/chain";
import type { PayChecks, SessionSigner } from "../channel/pay-crypto.ts";
import type { ReceiptTerms } from "../channel/pay-terms.ts";
import type { Close, RejectReason } from "../wire/pay-message.ts";
import type { Bidding } from "./bidding.ts";
import type { BuyingPeer, BuyingWorld } from "./buying-peer.ts";
import type { ChannelFunder, Funding } from "./channel-funder.ts";
import type { OwnChannel, Purse } from "./purse.ts";

/** Channels are opened with so many sellers at the most: the best few carry a download. */
export const MAX_SELLERS = 8;
/** Signatures in a second, over all sellers, where their windows allow it: each costs either side some tenths of a millisecond. */
const VOUCHERS_PER_SECOND = 32;
const TICK_MS = 100;
/** How often bids are thought over, in ticks: as often as sellers deal their slots. */
const BID_TICKS = 50;
/** Offers that come within so long after the first are funded together. */
const GATHER_TICKS = 5;
/** A seller that refused is asked again after so long. */
const RETRY_MS = 30_000;
/** A channel is topped up once less than this part of its price for all that is missing is left in it. */
const SHORT_DIVISOR = 4n;
/** Who refuses again and again is asked no more seldom than after so many times as long. */
const MOST_RESTS = 20;

export interface BuyerInit {
  readonly clock: Clock;
  readonly checks: PayChecks;
  readonly signer: SessionSigner;
  readonly purse: Purse;
  readonly funder: ChannelFunder;
  /** See {@link Buyer.change}, as for the next two. */
  readonly bidding: Bidding;
  /** Wei that may be spent in all. */
  readonly budget: bigint;
  /** Whether a swarm's download is paid for, by its infohash (20 bytes in hex); all are when absent. */
  isPaid?(infoHash: string): boolean;
  /** What the download still lacks, in bytes. */
  missingBytes(): number;
  /**
   * What receipts name a torrent by: its 32 bytes on chain, and its size in bytes; null to give none. Absent: payments stay
   * between the two.
   * @param infoHash 20 bytes in hex.
   */
  torrentOf?(infoHash: string): { readonly torrent: Uint8Array; readonly size: bigint } | null;
  readonly on?: BuyerEvents;
}

/** What a program may want to show. */
export interface BuyerEvents {
  bid?(peer: BuyingPeer, price: bigint): void;
  accepted?(peer: BuyingPeer): void;
  rejected?(peer: BuyingPeer, reason: RejectReason): void;
  paid?(peer: BuyingPeer, wei: bigint): void;
  /** Channels cannot be funded now; the download goes on unpaid. */
  fundingFailed?(error: unknown): void;
  closed?(peer: BuyingPeer, channel: OwnChannel, close: Close): void;
}

/** How it is bought from now on. */
export type BuyingPlan = Pick<BuyerInit, "bidding" | "budget" | "isPaid" | "torrentOf">;

interface Seller {
  readonly peer: BuyingPeer;
  /** When the last bid was changed. */
  changedAtMs: number;
  retryAtMs: number;
  receivedBytes: number;
  lastBytes: number;
  /** Over the last round of bids. */
  bytesPerSecond: number;
  isFunding: boolean;
  /** How often it refused since it was last paid. */
  refusals: number;
}

/** Buys download on all connections of a session: chooses sellers, funds channels, bids, and pays for what arrives. */
export class Buyer implements BuyingWorld {
  readonly clock: Clock;
  readonly checks: PayChecks;
  readonly signer: SessionSigner;
  readonly purse: Purse;
  readonly #init: BuyerInit;
  #plan: BuyingPlan;
  readonly #sellers = new Map<BuyingPeer, Seller>();
  readonly #timer: Timer;
  #spent = 0n;
  #tick = 0;
  #spacing = 0;
  #receivedInSecond = 0;
  #waiters: (() => void)[] = [];

  constructor(init: BuyerInit) {
    this.clock = init.clock;
    this.checks = init.checks;
    this.signer = init.signer;
    this.purse = init.purse;
    this.#init = init;
    this.#plan = init;
    this.#timer = init.clock.setRepeating(TICK_MS, () => this.#onTick());
  }

  /** Wei paid so far. */
  get spent(): bigint {
    return this.#spent;
  }
  /** Wei that may be spent in all. */
  get budget(): bigint {
    return this.#plan.budget;
  }
  get left(): bigint {
    const left = this.#plan.budget - this.#spent;
    return left > 0n ? left : 0n;
  }

  /** The peers that sell, on this chain. */
  get sellers(): readonly BuyingPeer[] {
    return [...this.#sellers.keys()];
  }

  /** Buys otherwise from the next round of bids on: a budget of 0 takes all bids back, when what has come is paid. */
  change(plan: BuyingPlan): void {
    this.#plan = plan;
    this.#tick = Math.max(this.#tick, BID_TICKS - GATHER_TICKS);
  }

  spacingBytes(): number {
    return this.#spacing;
  }

  onOffer(peer: BuyingPeer): void {
    const known = this.#sellers.get(peer);
    if (known !== undefined) return;
    this.#sellers.set(peer, {
      peer,
      changedAtMs: this.#init.clock.monotonicMs(),
      retryAtMs: 0,
      receivedBytes: 0,
      lastBytes: 0,
      bytesPerSecond: 0,
      isFunding: false,
      refusals: 0,
    });
    this.#tick = Math.max(this.#tick, BID_TICKS - GATHER_TICKS);
  }

  onAccepted(peer: BuyingPeer): void {
    this.#init.on?.accepted?.(peer);
  }

  onRejected(peer: BuyingPeer, reason: RejectReason): void {
    const seller = this.#sellers.get(peer);
    if (seller !== undefined) {
      seller.refusals++;
      // A channel that ran out is topped up at once; anything else rests for a while, and longer each time.
      const isQuick = seller.refusals === 1 && (reason === "exhausted" || reason === "no-channel");
      const restMs = isQuick ? TICK_MS : RETRY_MS * Math.min(seller.refusals, MOST_RESTS);
      seller.retryAtMs = this.#init.clock.monotonicMs() + restMs;
    }
    this.#init.on?.rejected?.(peer, reason);
  }

  onPaid(peer: BuyingPeer, gain: bigint): void {
    this.#spent += gain;
    const seller = this.#sellers.get(peer);
    if (seller !== undefined && gain > 0n) seller.refusals = 0;
    this.#init.on?.paid?.(peer, gain);
  }

  torrentOf({ view }: BuyingPeer): Omit<ReceiptTerms, "total"> | null {
    return this.#plan.torrentOf?.(view.infoHash) ?? null;
  }

  onAcknowledged(_peer: BuyingPeer): void {
    if (this.#waiters.length > 0) this.#checkSettled();
  }

  onClose(peer: BuyingPeer, channel: OwnChannel, close: Close): void {
    this.#init.on?.closed?.(peer, channel, close);
  }

  /** The connection ended. */
  gone(peer: BuyingPeer): void {
    this.#sellers.delete(peer);
    this.#checkSettled();
  }

  blockReceived(lengthBytes: number): void {
    this.#receivedInSecond += lengthBytes;
  }

  /**
   * Pays all that is unpaid, and waits until sellers have acknowledged it, or are gone.
   * @param signal Stops the waiting; what is paid is paid.
   */
  async settle(signal?: AbortSignal): Promise<void> {
    if (!this.#hasUnsettled()) return;
    await new Promise<void>((resolve) => {
      this.#waiters.push(resolve);
      signal?.addEventListener("abort", () => resolve(), { once: true });
      if (signal?.aborted === true) resolve();
    });
  }

  close(): void {
    this.#timer.cancel();
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #hasUnsettled(): boolean {
    let unsettled = false;
    for (const peer of this.#sellers.keys()) if (peer.settle()) unsettled = true;
    return unsettled;
  }

  #checkSettled(): void {
    if (this.#waiters.length === 0 || this.#hasUnsettled()) return;
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #onTick(): void {
    const perTick = this.#receivedInSecond;
    this.#receivedInSecond = 0;
    const bytesPerSecond = (perTick * 1000) / TICK_MS;
    this.#spacing = (this.#spacing + bytesPerSecond / VOUCHERS_PER_SECOND) / 2;
    for (const seller of this.#sellers.values()) {
      const { account } = seller.peer;
      if (account === null) continue;
      seller.peer.review();
      // The rest of a burst, which is no window's part: it is paid once nothing more comes.
      const isQuiet = account.receivedBytes === seller.lastBytes;
      seller.lastBytes = account.receivedBytes;
      if (isQuiet && account.unpaid > 0n) seller.peer.settle();
    }
    if (++this.#tick >= BID_TICKS) {
      this.#tick = 0;
      this.#thinkOver();
    }
  }

  /** Bids anew where the bidding says so, and has channels funded where there are none. */
  #thinkOver(): void {
    const { clock } = this.#init;
    const { bidding } = this.#plan;
    const nowMs = clock.monotonicMs();
    const missingBytes = this.#init.missingBytes();
    if (missingBytes === 0) return;
    const missingMib = BigInt(Math.ceil(missingBytes / 2 ** 20));
    const means = { budget: this.left, missingBytes };
    const wanted: { seller: Seller; price: bigint }[] = [];
    const payees = new Set<Address>();
    const traded = this.#trades();
    let sellers = 0;
    for (const seller of this.#byWorth()) {
      const { peer } = seller;
      const { account, offer } = peer;
      const bytes = account?.receivedBytes ?? 0;
      seller.bytesPerSecond = ((bytes - seller.receivedBytes) * 1000) / (BID_TICKS * TICK_MS);
      seller.receivedBytes = bytes;
      if (offer === null) continue;
      if (!this.#isWanted(peer)) {
        if (peer.bidPrice > 0n) this.#change(seller, null, 0n, nowMs);
        continue;
      }
      // A channel serves one connection: of several to one payee, as for several torrents, one is paid.
      const isTaken = payees.has(offer.payee) || (traded.get(offer.payee) ?? peer) !== peer;
      if (isTaken) continue;
      payees.add(offer.payee);
      if (seller.isFunding || nowMs < seller.retryAtMs) continue;
      const market = {
        minPrice: offer.minPrice,
        price: peer.bidPrice,
        isServed: !peer.view.peerChoking,
        bytesPerSecond: seller.bytesPerSecond,
        sinceChangeMs: nowMs - seller.changedAtMs,
      };
      const price = sellers < MAX_SELLERS ? bidding.bid(peer, market, means) : 0n;
      if (price === 0n) {
        if (peer.bidPrice > 0n) this.#change(seller, null, 0n, nowMs);
        continue;
      }
      sellers++;
      const all = price * missingMib;
      const isShort =
        account === null
          ? seller.refusals > 0
          : account.left < all / SHORT_DIVISOR / BigInt(sellers);
      if (peer.channel === null || isShort || peer.bidPrice === 0n) wanted.push({ seller, price });
      else if (price !== peer.bidPrice && !peer.isAwaited)
        this.#change(seller, peer.channel, price, nowMs);
    }
    if (wanted.length > 0) void this.#fund(wanted, missingMib, BigInt(sellers));
  }

  /** By payee, the connection that its channel is used on. */
  #trades(): Map<Address, BuyingPeer> {
    const traded = new Map<Address, BuyingPeer>();
    for (const peer of this.#sellers.keys()) {
      if (peer.channel !== null && peer.offer !== null) traded.set(peer.offer.payee, peer);
    }
    return traded;
  }

  /** Whether it is worth a bid: it has something that is missing here, or had, and nobody waits for the channel. */
  #isWanted({ view, channel, offer }: BuyingPeer): boolean {
    if (this.#plan.isPaid?.(view.infoHash) === false) return false;
    if (view.interested) return true;
    if (channel === null) return false;
    return ![...this.#sellers.keys()].some(
      (other) => other.view.interested && other.offer?.payee === offer?.payee,
    );
  }

  /** The cheapest first, and of those the fastest. */
  #byWorth(): Seller[] {
    return [...this.#sellers.values()].toSorted((a, b) => {
      const [x, y] = [a.peer.offer?.minPrice ?? 0n, b.peer.offer?.minPrice ?? 0n];
      return x === y ? b.bytesPerSecond - a.bytesPerSecond : x < y ? -1 : 1;
    });
  }

  /** Wei of the budget that channels of other sellers than these cannot take. */
  #uncommitted(besides: readonly Seller[]): bigint {
    let wei = this.left;
    for (const seller of this.#sellers.values()) {
      if (!besides.includes(seller)) wei -= seller.peer.account?.left ?? 0n;
    }
    return wei > 0n ? wei : 0n;
  }

  /** @param sellers With how many the download is shared, those that have a channel counted. */
  async #fund(
    wanted: readonly { seller: Seller; price: bigint }[],
    missingMib: bigint,
    sellers: bigint,
  ): Promise<void> {
    for (const { seller } of wanted) seller.isFunding = true;
    const share = this.#uncommitted(wanted.map(({ seller }) => seller)) / BigInt(wanted.length);
    const fundings = wanted.map(({ seller, price }): Funding => {
      const wei = (price * missingMib) / sellers + price;
      const { payee, minChallengeSeconds } = seller.peer.offer!;
      return { payee, minChallengeSeconds, wei: wei < share ? wei : share };
    });
    try {
      const channels = await this.#init.funder.fund(fundings);
      const nowMs = this.#init.clock.monotonicMs();
      wanted.forEach(({ seller, price }, index) => {
        const channel = channels[index] ?? null;
        if (channel === null) seller.retryAtMs = nowMs + RETRY_MS;
        else if (this.#sellers.has(seller.peer) && isNews(seller.peer, channel, price)) {
          this.#change(seller, channel, price, nowMs);
        }
      });
    } catch (error) {
      const nowMs = this.#init.clock.monotonicMs();
      for (const { seller } of wanted) seller.retryAtMs = nowMs + RETRY_MS;
      this.#init.on?.fundingFailed?.(error);
    } finally {
      for (const { seller } of wanted) seller.isFunding = false;
    }
  }

  #change(seller: Seller, channel: OwnChannel | null, price: bigint, nowMs: number): void {
    seller.changedAtMs = nowMs;
    if (channel === null) seller.peer.withdraw();
    else seller.peer.bid(channel, price);
    this.#init.on?.bid?.(seller.peer, price);
  }
}

/** Whether the seller does not know of this already: a channel that nothing was added to, and the same price. */
function isNews(peer: BuyingPeer, { id, allowed }: OwnChannel, price: bigint): boolean {
  const { account, channel } = peer;
  const isKnown = account !== null && channel?.id === id && channel.allowed === allowed;
  return !isKnown || price !== peer.bidPrice;
}
