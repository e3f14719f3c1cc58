import { addressOf, type Signer } from "@shoal/chain";
import type { Session, SessionOptions } from "@shoal/engine";
import type { PrivateFolder, Runtime, Timer } from "@shoal/runtime";
import {
  type BuyingOptions,
  type Market,
  openPaidPlace,
  openSessionKey,
  type PaidPlace,
  type SellingOptions,
  type Settled,
  Trading,
} from "@shoal/speed";
import type { Settings } from "@shoal/api";
import { NodeError } from "../errors.ts";
import type { Networks, OpenedNetwork } from "../wallet/networks.ts";
import type { Wallets } from "../wallet/wallets.ts";
import { AccountSlot } from "./account-slot.ts";
import { EarningsLedger, type EarningsRow } from "./earnings-ledger.ts";
import { MarketMeter } from "./market-meter.ts";

export interface TradingDeskInit {
  readonly runtime: Pick<Runtime, "clock" | "random" | "store" | "log">;
  readonly networks: Networks;
  readonly wallets: Wallets;
  /** For this device's key of vouchers. */
  readonly keyFolder: PrivateFolder;
  /** What holds at any time. */
  readonly settings: { readonly current: Settings };
  readonly signal: AbortSignal;
}

/** How often the market is looked at for the ledger. */
const LOOK_MS = 1000;
/** How often the ledger is written. */
const FLUSH_MS = 10_000;

/**
 * Buying and selling of bandwidth in the daemon's session, by its settings: on while the wallet that trades is
 * unlocked.
 */
export class TradingDesk {
  readonly place: PaidPlace;
  readonly opened: OpenedNetwork;
  readonly slot = new AccountSlot();
  readonly #init: TradingDeskInit;
  readonly #trading: Trading;
  readonly #timers: Timer[];
  #ledger: EarningsLedger | null = null;
  #meter: MarketMeter | null = null;
  #session: Session | null = null;
  #applying: Promise<void> = Promise.resolve();
  #sold: string | null = null;
  #bought: string | null = null;
  /** Trades whatever settings say: the sample swarm's. */
  #forced: { readonly infoHash: string; readonly buying: BuyingOptions } | null = null;

  private constructor(
    init: TradingDeskInit,
    opened: OpenedNetwork,
    place: PaidPlace,
    make: (slot: AccountSlot) => Trading,
  ) {
    this.#init = init;
    this.opened = opened;
    this.place = place;
    this.#trading = make(this.slot);
    const { clock, log } = init.runtime;
    this.#timers = [
      clock.setRepeating(LOOK_MS, () => this.#meter?.look(this.#trading.market())),
      clock.setRepeating(FLUSH_MS, () => {
        this.#ledger?.flush().catch((error: unknown) => {
          log.warn("earnings could not be written down", { error });
        });
      }),
    ];
    init.wallets.on(() => this.apply());
    this.apply();
  }

  /** @throws {ChainError} where bandwidth is not paid on the network, or it does not answer; {StoreError}. */
  static async open(init: TradingDeskInit): Promise<TradingDesk> {
    const { runtime, networks, keyFolder, settings, signal } = init;
    const { clock, random, store, log } = runtime;
    const opened = await networks.open(settings.current.chain.network);
    const place = await openPaidPlace({ network: opened.network, store, clock });
    const sessionKey = await openSessionKey(keyFolder, random);
    return new TradingDesk(init, opened, place, (slot) => {
      return new Trading({
        ...{ place, clock, random, sessionKey, signal },
        sender: opened.sender,
        signer: slot,
        on: {
          fundingFailed: (error) =>
            log.warn("no channel could be opened; it goes on unpaid", { error }),
          settlementFailed: (error) =>
            log.warn("nothing was redeemed now; it is tried again", { error }),
          redeemed: ({ claims, grossWei }) =>
            log.info("claims were redeemed", { claims, grossWei: String(grossWei) }),
        },
      });
    });
  }

  get sessionOptions(): Pick<SessionOptions, "extensions" | "flowGate" | "uploadPolicy"> {
    return this.#trading.sessionOptions;
  }
  get market(): Market {
    return this.#trading.market();
  }
  get session(): Session | null {
    return this.#session;
  }
  /** The oldest hour first. */
  get earnings(): readonly EarningsRow[] {
    this.#meter?.look(this.#trading.market());
    return this.#ledger?.rows ?? [];
  }

  /** Hands over the session once it is there. */
  attach(session: Session): void {
    this.#session = session;
    this.#trading.attach(session);
  }

  /** Buys and sells as settings say and the wallet allows, from now on. Called whenever either changes. */
  apply(): void {
    this.#applying = this.#applying
      .then(() => this.#apply())
      .catch((error: unknown) => {
        this.#init.runtime.log.warn("trading could not be changed", { error });
      });
  }

  /** Waits for what `apply` has begun. */
  async settled(): Promise<void> {
    await this.#applying;
  }

  /** Buys for one torrent whatever settings say, for the sample swarm; null ends it. */
  force(buying: { readonly infoHash: string; readonly buying: BuyingOptions } | null): void {
    this.#forced = buying;
    this.apply();
  }

  /** Redeems all claims, whatever they are worth. @throws {NodeError}; {ChainError}. */
  async redeem(): Promise<Settled> {
    this.assertCanSign();
    return await this.#trading.settle(true);
  }

  /** The account's signer. @throws {NodeError} `conflict` while it is locked. */
  assertCanSign(): Signer {
    if (this.slot.canSign) return this.slot;
    throw new NodeError("conflict", "Unlock the wallet that trades first.", {
      reason: "wallet-locked",
    });
  }

  /** Pays what is owed. To be called before the session is closed. */
  async finish(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    await this.#applying;
    await this.#trading.finish();
    this.#meter?.look(this.#trading.market());
    await this.#ledger?.flush();
  }

  /** To be called once the session is closed. */
  async close(): Promise<void> {
    await this.#trading.close();
    this.#meter?.look(this.#trading.market());
    await this.#ledger?.flush();
  }

  async #apply(): Promise<void> {
    const { wallets, settings, runtime } = this.#init;
    const { wallet: name, ...terms } = settings.current.trading;
    if (name !== null) await this.#useAccount(name);
    const canTrade = name !== null && wallets.isUnlocked(name) && this.slot.canSign;
    const selling: SellingOptions | null =
      canTrade && terms.sell
        ? { minPrice: BigInt(terms.minPrice), freeSlots: terms.freeSlots }
        : null;
    const buying = canTrade ? this.#buyingOf(terms) : null;
    // Options are set anew only where they are others.
    const sold = keyOf(selling);
    if (sold !== this.#sold) this.#trading.sell(selling);
    this.#sold = sold;
    const bought = `${keyOf(buying)} ${this.#forced?.infoHash ?? ""}`;
    if (bought !== this.#bought) this.#trading.buy(await this.#withSpent(buying));
    this.#bought = bought;
    runtime.log.debug("trading", { sells: selling !== null, buys: buying !== null });
  }

  #buyingOf(terms: Omit<Settings["trading"], "wallet">): BuyingOptions | null {
    const forced = this.#forced;
    if (terms.buy) {
      return {
        ...(terms.bid !== null && { bid: BigInt(terms.bid) }),
        budget: BigInt(terms.budget),
        receipts: true,
      };
    }
    if (forced === null) return null;
    return { ...forced.buying, isPaid: ({ infoHash }) => infoHash === forced.infoHash };
  }

  /** The settings' budget counts from when its amount was set, whatever is restarted or switched off in between. */
  async #withSpent(buying: BuyingOptions | null): Promise<BuyingOptions | null> {
    const isSettings = this.#init.settings.current.trading.buy;
    if (buying?.budget === undefined || !isSettings) return buying;
    const { channels } = this.place;
    return { ...buying, spentWei: await channels.spentOf(this.slot.address, buying.budget) };
  }

  async #useAccount(name: string): Promise<void> {
    const { wallets, runtime } = this.#init;
    const { slip44, chainId } = this.opened.network.info;
    const file = (await wallets.list()).find((each) => each.name === name);
    const account = file?.accounts[0];
    if (account === undefined) return this.slot.use(null);
    const address = addressOf(account, slip44);
    this.slot.set(address);
    if (this.#ledger === null) {
      const key = `${chainId}:${this.place.contract.address}:${address}`;
      this.#ledger = await EarningsLedger.open(runtime.store, runtime.clock, key);
      this.#meter = new MarketMeter(this.#ledger, this.#trading.market());
    }
    this.slot.use(wallets.isUnlocked(name) ? await wallets.signer(name, account, slip44) : null);
  }
}

function keyOf(options: object | null): string {
  return JSON.stringify(options, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
}
