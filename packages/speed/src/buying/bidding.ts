/** What a bidder knows of a seller when it decides what to bid. */
export interface BidMarket {
  /** The seller's reserve, in wei per MiB. */
  readonly minPrice: bigint;
  /** What is bid now; 0 when nothing is. */
  readonly price: bigint;
  /** The seller serves us now. */
  readonly isServed: boolean;
  /** Payload from it over the last round, in bytes per second. */
  readonly bytesPerSecond: number;
  /** Since the price was last changed. */
  readonly sinceChangeMs: number;
}

/** What is left to spend, and what is left to get. */
export interface BidMeans {
  /** Wei. */
  readonly budget: bigint;
  readonly missingBytes: number;
}

/** Decides what to bid. Asked every round for every seller. */
export interface Bidding {
  /** Wei per MiB; 0 to buy nothing of this seller. Must not change without need: each change is a message. */
  bid(seller: object, market: BidMarket, means: BidMeans): bigint;
}

/** Always the same price; nothing from those who want more. */
export function createFixedBidding(price: bigint): Bidding {
  return { bid: (_seller, { minPrice }) => (minPrice <= price ? price : 0n) };
}

/** A change of price is given so long to show what it is worth. */
const TRIAL_MS = 20_000;
/** A raise must bring so much more speed to be kept. */
const WORTHWHILE = 1.1;
/** After a raise that bought nothing, the next one is tried after so long. */
const PAUSE_MS = 120_000;
const RAISE_NUMERATOR = 5n;
const RAISE_DENOMINATOR = 4n;

interface Trial {
  /** What was bid, and what came of it, before the raise that is on trial. */
  readonly price: bigint;
  readonly bytesPerSecond: number;
  readonly wasServed: boolean;
}

/**
 * Bids under a budget: the reserve price at first, a quarter more while the seller serves others instead, and more again
 * only while a raise buys speed. Never more than the budget could pay for everything that is missing.
 */
export function createAutoBidding(): Bidding {
  const trials = new WeakMap<object, Trial>();
  const pauseOf = new WeakMap<object, number>();

  return {
    bid(seller, market, { budget, missingBytes }) {
      const { minPrice, price, isServed, bytesPerSecond, sinceChangeMs } = market;
      const missingMib = BigInt(Math.max(1, Math.ceil(missingBytes / 2 ** 20)));
      const most = budget / missingMib;
      const floor = minPrice > 0n ? minPrice : 1n;
      if (most < floor) return 0n;
      if (price === 0n) return floor;
      if (price > most) return most;
      const trial = trials.get(seller);
      if (trial !== undefined) {
        if (sinceChangeMs < TRIAL_MS && !(isServed && !trial.wasServed)) return price;
        trials.delete(seller);
        const isBetter =
          (isServed && !trial.wasServed) || bytesPerSecond >= trial.bytesPerSecond * WORTHWHILE;
        if (isServed && !isBetter) {
          pauseOf.set(seller, PAUSE_MS);
          return trial.price;
        }
        // Money buys speed again: the market is another one.
        if (isBetter) pauseOf.delete(seller);
      }
      const pauseMs = pauseOf.get(seller) ?? 0;
      if (isServed && sinceChangeMs < Math.max(TRIAL_MS, pauseMs)) return price;
      if (!isServed && sinceChangeMs < TRIAL_MS / 2) return price;
      const raised = (price * RAISE_NUMERATOR) / RAISE_DENOMINATOR + 1n;
      if (raised > most) return price;
      trials.set(seller, { price, bytesPerSecond, wasServed: isServed });
      return raised;
    },
  };
}
