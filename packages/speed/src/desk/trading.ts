import { createTitForTatPolicy, type SessionOptions } from "@shoal/engine";
import { toHex } from "@shoal/protocol";
import { createAutoBidding, createFixedBidding } from "../buying/bidding.ts";
import { Buyer, type BuyingPlan } from "../buying/buyer.ts";
import { PayChecks, PayeeSigner, SessionSigner } from "../channel/pay-crypto.ts";
import { Seller } from "../selling/seller.ts";
import { Attributor } from "../settlement/attributor.ts";
import { ChainFunder } from "../settlement/chain-funder.ts";
import { Redeemer } from "../settlement/redeemer.ts";
import { Trade } from "../trade/trade.ts";
import {
  channelsOf,
  claimsOf,
  describeOffers,
  describePayers,
  type Market,
  sumsOf,
} from "./market.ts";
import { nameOnChain } from "./name-on-chain.ts";
import { type Settled, Settling } from "./settling.ts";
import {
  type BuyingOptions,
  DEFAULT_BUDGET,
  DEFAULT_WORTH_WEI,
  type SellingOptions,
  toSellingTerms,
  type TradedTorrent,
  type TradingInit,
} from "./trading-options.ts";

/** How long a seller may take to acknowledge the last payment. */
const SETTLE_BUYING_MS = 10_000;
/** How long payers may take to pay for the last that they got. */
const SETTLE_SELLING_MS = 3000;
const BUY_NOTHING: BuyingPlan = { bidding: createFixedBidding(0n), budget: 0n };

/** What trading asks of a session. */
export interface TradingSession {
  readonly torrents: readonly TradedTorrent[];
}

/** Selling and buying of bandwidth in one session of the engine, each of which may begin and end while it runs. */
export class Trading {
  /** What the session is to be made with. */
  readonly sessionOptions: Pick<SessionOptions, "extensions" | "flowGate" | "uploadPolicy">;
  readonly #init: TradingInit;
  readonly #seller: Seller;
  readonly #buyer: Buyer | null;
  readonly #trade: Trade;
  readonly #settling: Settling;
  #session: TradingSession = { torrents: [] };
  #buying: BuyingOptions | null;

  constructor(init: TradingInit) {
    this.#init = init;
    const { clock, random, place, sender, signer, selling = null, buying = null } = init;
    const { contract, claims, digests, isPlayMoney } = place;
    if (buying !== null && init.sessionKey === undefined) {
      throw new TypeError("Expected a session key to buy with.");
    }
    this.#buying = buying;
    const checks = new PayChecks(digests);
    this.#seller = new Seller({
      ...{ clock, checks, claims },
      channels: contract,
      payee: new PayeeSigner(digests, signer),
      terms: toSellingTerms(selling ?? {}, isPlayMoney),
      isOpen: selling !== null,
    });
    this.#buyer = this.#openBuyer(checks);
    this.#trade = new Trade({ random, seller: this.#seller, buyer: this.#buyer });
    const free = init.free ?? createTitForTatPolicy({ random });
    this.sessionOptions = {
      extensions: [this.#trade.extension],
      flowGate: this.#trade.gate,
      uploadPolicy: this.#trade.uploadPolicy(free),
    };
    const worthWei = init.worthWei ?? DEFAULT_WORTH_WEI;
    const about = { contract, claims, sender, payee: signer, worthWei };
    this.#settling = new Settling({
      clock,
      redeemer: new Redeemer(about),
      attributor: new Attributor(about),
      isDue: () =>
        this.#seller.isOpen && claimsOf(place, signer.address).some(({ total }) => total > 0n),
      redeemed: (redeemed) => init.on?.redeemed?.(redeemed),
      attributed: (attributed) => init.on?.attributed?.(attributed),
      failed: (error) => init.on?.settlementFailed?.(error),
    });
  }

  /** Hands over the session once it is there. */
  attach(session: TradingSession): void {
    this.#session = session;
  }

  /** Sells on these terms from now on, also to those who are connected; null to sell nothing. */
  sell(options: SellingOptions | null): void {
    if (options === null) return this.#seller.pause();
    this.#seller.open(toSellingTerms(options, this.#init.place.isPlayMoney));
    for (const { selling } of this.#trade.links) void selling?.offer();
  }

  /**
   * Buys so from now on; null to buy nothing. What has come is paid in any case.
   * @throws {TypeError} without a session key.
   */
  buy(options: BuyingOptions | null): void {
    if (this.#buyer === null && options !== null) {
      throw new TypeError("Expected a session key to buy with.");
    }
    this.#buying = options;
    this.#buyer?.change(this.#planOf(options));
  }

  /** What is bought and sold at this moment. */
  market(): Market {
    const { place, signer } = this.#init;
    const { minPrice, freeSlots, paidSlots } = this.#seller.terms;
    return {
      selling: this.#seller.isOpen
        ? { minPriceWei: minPrice, freeSlots, paidSlots, payers: describePayers(this.#trade.links) }
        : null,
      buying:
        this.#buyer === null || this.#buying === null
          ? null
          : {
              budgetWei: this.#buying.budget ?? DEFAULT_BUDGET,
              leftWei: this.#buyer.left,
              spentWei: this.#buyer.spent,
              offers: describeOffers(this.#trade.links),
            },
      channels: channelsOf(place, signer.address),
      claims: claimsOf(place, signer.address),
      sums: sumsOf(place, signer.address),
    };
  }

  /** Wei spent since it was opened. */
  get spent(): bigint {
    return this.#buyer?.spent ?? 0n;
  }

  /**
   * Redeems what is worth it, and writes receipts down for rewards. Happens by itself every ten minutes.
   * @param all Whatever it is worth.
   * @throws {ChainError} when the chain cannot be asked or refuses; what was done before is noted.
   */
  async settle(all = false): Promise<Settled> {
    return await this.#settling.settle(all);
  }

  /**
   * Pays what is owed, and has it acknowledged; lets others pay what they owe. To be called before the session is closed.
   * @throws {StoreError} when not everything could be written.
   */
  async finish(): Promise<void> {
    const { clock, place } = this.#init;
    const settled = new AbortController();
    const timer = clock.setTimer(SETTLE_BUYING_MS, () => settled.abort());
    await Promise.all([
      this.#buyer?.settle(settled.signal),
      this.#seller.settle(SETTLE_SELLING_MS),
    ]);
    timer.cancel();
    this.#buyer?.close();
    this.#seller.close();
    await place.claims.flush();
    await place.channels.flush();
    await this.#settling.close();
  }

  /**
   * Writes what came last. To be called once the session is closed.
   * @throws {StoreError} when it cannot be.
   */
  async close(): Promise<void> {
    await this.#init.place.claims.flush();
    await this.#init.place.channels.flush();
  }

  #openBuyer(checks: PayChecks): Buyer | null {
    const { clock, random, place, sender, signer, sessionKey, signal, on } = this.#init;
    if (sessionKey === undefined) return null;
    return new Buyer({
      ...{ clock, checks },
      signer: new SessionSigner(place.digests, sessionKey.address, sessionKey.key),
      purse: place.channels,
      funder: new ChainFunder({
        ...{ ...place, random, sender },
        payer: signer,
        signer: sessionKey.address,
        ...(signal === undefined ? {} : { signal }),
      }),
      missingBytes: () => this.#missingBytes(),
      ...(on === undefined ? {} : { on }),
      ...this.#planOf(this.#buying),
    });
  }

  #planOf(options: BuyingOptions | null): BuyingPlan {
    if (options === null) return BUY_NOTHING;
    const { bid, budget = DEFAULT_BUDGET, spentWei = 0n, receipts = false } = options;
    return {
      bidding: bid === undefined ? createAutoBidding() : createFixedBidding(bid),
      budget: this.spent + budget - spentWei,
      isPaid: (infoHash) => {
        const torrent = this.#torrentOf(infoHash);
        return torrent !== undefined && (options.isPaid?.(torrent) ?? true);
      },
      torrentOf: (infoHash) => (receipts ? nameOnChain(this.#session.torrents, infoHash) : null),
    };
  }

  #torrentOf(infoHash: string): TradedTorrent | undefined {
    return this.#session.torrents.find(({ swarmHashes }) =>
      swarmHashes.some((hash) => toHex(hash) === infoHash),
    );
  }

  /** Of the torrents that are paid for. */
  #missingBytes(): number {
    let missing = 0;
    for (const torrent of this.#session.torrents) {
      if (this.#buying?.isPaid?.(torrent) === false) continue;
      const { wantedBytes, verifiedBytes } = torrent.status();
      missing += wantedBytes - verifiedBytes;
    }
    return missing;
  }
}
