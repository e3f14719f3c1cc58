import type { Address } from "@shoal/chain";
import type { ChannelId } from "../channel/channel-key.ts";
import type { AttributedEvent, EpochEvents, RedeemedEvent } from "./channel-events.ts";
import { demandFactor, FULL_EPOCHS, rewardOf, sizeWeight, timeFactor } from "./reward-formula.ts";

/** One part in 20 of every redemption is burned: `BURN_DIVISOR` of `BandwidthChannels`. */
const BURN_DIVISOR = 20n;

/** What one account earned with one torrent in one epoch. */
export interface Earning {
  readonly account: Address;
  /** 64 hex digits. */
  readonly torrent: string;
  /** In how many of the last 30 epochs the account earned with it, this one counted. */
  readonly epochs: number;
  /** Wei of fees burned for it. */
  readonly burnedWei: bigint;
  /** Wei, before the epoch's emission bounds it. */
  readonly rewardWei: bigint;
}

/** An epoch as it comes out of its events and those of earlier ones. */
export interface ClosedEpoch {
  readonly epoch: number;
  /** Wei burned by all redemptions: the contract's `burnedIn`. */
  readonly burnedWei: bigint;
  /** By torrent and account, ascending. */
  readonly earnings: readonly Earning[];
}

/** What a channel's receipts say of a torrent. */
interface Attribution {
  readonly payee: Address;
  readonly size: bigint;
  readonly total: bigint;
  /** Wei of the total that earlier epochs counted. */
  readonly counted: bigint;
}

/** What a channel paid in an epoch. */
interface Payment {
  readonly paid: bigint;
  readonly burned: bigint;
}

/** Fees burned for a seeder's torrent. */
interface Burn {
  readonly wei: bigint;
  /** Each part times the weight of the size that was stated with it. */
  readonly weighted: bigint;
}

/** Burns in an epoch, by torrent and account. */
type Burns = Map<string, Map<Address, Burn>>;

/**
 * The reward program: epochs are closed one after another, from the first, and whoever closes the same ones gets the same
 * to the wei. Whole numbers alone, and no order of events within an epoch matters.
 *
 * A channel's receipts count for what it paid in the epoch at the most. When they say more, each counts for its part; what
 * was not counted waits for the channel's next payments.
 */
export class RewardLedger {
  readonly #attributions = new Map<ChannelId, Map<string, Attribution>>();
  /** What was burned in earlier epochs, by account and torrent. */
  readonly #history = new Map<
    string,
    readonly { readonly epoch: number; readonly wei: bigint }[]
  >();
  #next: number | null = null;

  /** @throws {RangeError} when it is not the epoch after the one before. */
  close({ epoch, redeemed, attributed }: EpochEvents): ClosedEpoch {
    if (this.#next !== null && epoch !== this.#next) {
      throw new RangeError(`epoch ${epoch} where ${this.#next} is next`);
    }
    this.#next = epoch + 1;
    for (const event of attributed) this.#note(event);
    let burnedWei = 0n;
    const burns: Burns = new Map();
    for (const [channel, payment] of sumPayments(redeemed)) {
      burnedWei += payment.burned;
      this.#divide(channel, payment, burns);
    }
    const torrents = [...burns.keys()].toSorted();
    const earnings = torrents.flatMap((torrent) => this.#earn(epoch, torrent, burns.get(torrent)!));
    return { epoch, burnedWei, earnings };
  }

  #note({ channel, torrent, payee, size, total }: AttributedEvent): void {
    const torrents = this.#attributions.get(channel) ?? new Map<string, Attribution>();
    this.#attributions.set(channel, torrents);
    const known = torrents.get(torrent);
    if (known !== undefined) {
      // Of two receipts over the same total the smaller size counts, whichever was seen first.
      const isNewer = total > known.total || (total === known.total && size < known.size);
      if (!isNewer) return;
    }
    torrents.set(torrent, { payee, size, total, counted: known?.counted ?? 0n });
  }

  /** Divides what a channel burned among the torrents that its receipts name. */
  #divide(channel: ChannelId, { paid, burned }: Payment, burns: Burns): void {
    const torrents = this.#attributions.get(channel);
    if (torrents === undefined) return;
    let waiting = 0n;
    for (const { total, counted } of torrents.values()) waiting += total - counted;
    const whole = waiting > paid ? waiting : paid;
    for (const [torrent, attribution] of torrents) {
      const { payee, size, total, counted } = attribution;
      const left = total - counted;
      const now = waiting > paid ? (left * paid) / waiting : left;
      torrents.set(torrent, { ...attribution, counted: counted + now });
      const wei = (burned * left) / whole;
      if (wei > 0n) addBurn(burns, { torrent, payee, size, wei });
    }
  }

  #earn(epoch: number, torrent: string, burns: ReadonlyMap<Address, Burn>): Earning[] {
    const demand = demandFactor([...burns.values()].map(({ wei }) => wei));
    return [...burns.keys()].toSorted().map((account) => {
      const { wei, weighted } = burns.get(account)!;
      const name = `${account} ${torrent}`;
      const before = (this.#history.get(name) ?? []).filter(
        (entry) => entry.epoch > epoch - FULL_EPOCHS,
      );
      this.#history.set(name, [...before, { epoch, wei }]);
      const time = timeFactor(
        wei,
        before.map((entry) => entry.wei),
      );
      const rewardWei = rewardOf(weighted, time, demand);
      return { account, torrent, epochs: before.length + 1, burnedWei: wei, rewardWei };
    });
  }
}

function addBurn(
  burns: Burns,
  burn: {
    readonly torrent: string;
    readonly payee: Address;
    readonly size: bigint;
    readonly wei: bigint;
  },
): void {
  const { torrent, payee, size, wei } = burn;
  const ofTorrent = burns.get(torrent) ?? new Map<Address, Burn>();
  burns.set(torrent, ofTorrent);
  const known = ofTorrent.get(payee) ?? { wei: 0n, weighted: 0n };
  const weighted = known.weighted + wei * sizeWeight(size);
  ofTorrent.set(payee, { wei: known.wei + wei, weighted });
}

function sumPayments(redeemed: readonly RedeemedEvent[]): Map<ChannelId, Payment> {
  const payments = new Map<ChannelId, Payment>();
  for (const { channel, paid, amount } of redeemed) {
    const known = payments.get(channel) ?? { paid: 0n, burned: 0n };
    payments.set(channel, {
      paid: known.paid + amount,
      burned: known.burned + paid / BURN_DIVISOR - (paid - amount) / BURN_DIVISOR,
    });
  }
  return payments;
}
