import { join } from "node:path";
import { type EmbeddedChain, type KeyMaking, WalletFolder } from "@shoal/chain";
import type { EventData, EventName } from "@shoal/api";
import type { Session, SessionOptions } from "@shoal/engine";
import type { PrivateFolder, Runtime, Timer } from "@shoal/runtime";
import type { Configuration } from "../config/configuration.ts";
import { SampleSwarm, type SampleSwarmInit } from "../sample/sample-swarm.ts";
import { describeTrading } from "../trading/describe-trading.ts";
import { TradingDesk } from "../trading/trading-desk.ts";
import { readOwnContracts } from "./own-contracts.ts";
import { Networks } from "../wallet/networks.ts";
import { OutsideAccounts } from "../wallet/outside-accounts.ts";
import { SendPlans } from "../wallet/send-plans.ts";
import { TransactionHistory } from "../wallet/transaction-history.ts";
import { Wallets } from "../wallet/wallets.ts";

export interface MoneyInit {
  readonly runtime: Runtime;
  readonly configuration: Configuration;
  /** The folder of this node's data: wallets and keys are below it, as the command line has them. */
  readonly dataFolder: string;
  /** @param name Below the folder of data. */
  readonly openFolder: (path: string) => PrivateFolder;
  /** The chain of this process; null where none runs. */
  readonly chain: EmbeddedChain | null;
  /** Where wallets of this machine reach that chain. */
  readonly chainUrl?: string | null;
  /** Where downloads go. */
  readonly downloadFolder: () => string;
  readonly events: MoneyEvents;
  readonly sample?: Pick<SampleSwarmInit, "seconds" | "uploadLimit">;
  /** What a guess at a wallet's password costs; much, when absent. */
  readonly passwordCost?: KeyMaking["cost"];
}

/** Whom the faces' listeners hear from. */
export interface MoneyEvents {
  /** Whether anybody listens. */
  hasListeners(name: EventName): boolean;
  publish<Name extends EventName>(name: Name, data: EventData<Name>): void;
}

/** How often the market is told to those who watch it. */
const TELL_MS = 1000;
/** How often waiting transactions are looked after, and the wallet that trades is looked at. */
const REFRESH_MS = 4000;

/** All of the daemon that is about money: wallets, trading, the sample swarm. Opened between chain and session. */
export class Money {
  readonly wallets: Wallets;
  readonly networks: Networks;
  readonly plans: SendPlans;
  readonly history = new TransactionHistory();
  /** Accounts of browsers' wallets. */
  readonly outside: OutsideAccounts;
  /** Null where bandwidth cannot be paid on the network of the settings. */
  readonly desk: TradingDesk | null;
  readonly sample: SampleSwarm | null;
  readonly configuration: Configuration;
  readonly chain: EmbeddedChain | null;
  readonly clock: Runtime["clock"];
  /** Ends waiting for chains. */
  readonly signal: AbortSignal;
  readonly #events: MoneyEvents;
  readonly #stopping: AbortController;
  readonly #stops: (() => void)[];

  private constructor(
    init: MoneyInit,
    parts: Pick<Money, "wallets" | "networks" | "desk">,
    stopping: AbortController,
  ) {
    const { runtime, configuration, chain, events, dataFolder, downloadFolder } = init;
    const { clock, random, log } = runtime;
    ({ wallets: this.wallets, networks: this.networks, desk: this.desk } = parts);
    this.configuration = configuration;
    this.chain = chain;
    this.clock = clock;
    this.#events = events;
    this.#stopping = stopping;
    this.signal = stopping.signal;
    this.plans = new SendPlans({ ...parts, clock, random });
    this.outside = new OutsideAccounts({
      ...parts,
      embeddedUrl: init.chainUrl ?? null,
      rpcUrls: namedEndpoints(configuration),
    });
    const { desk } = parts;
    this.sample =
      desk === null
        ? null
        : new SampleSwarm({
            ...{ desk, chain, log, downloadFolder, ...init.sample },
            folder: join(dataFolder, "sample"),
            changed: () => events.publish("sample", this.sample!.status),
          });
    const timers: Timer[] = [
      clock.setRepeating(TELL_MS, () => this.#tell()),
      clock.setRepeating(REFRESH_MS, () => void this.#refresh()),
    ];
    this.#stops = [
      ...timers.map((timer) => () => timer.cancel()),
      configuration.on(() => desk?.apply()),
      this.wallets.on((name) => events.publish("wallet", { name })),
    ];
  }

  /** @throws {StoreError}, {DiskError}. */
  static async open(init: MoneyInit): Promise<Money> {
    const { runtime, configuration, dataFolder, openFolder, chain, passwordCost } = init;
    const { clock, random, log } = runtime;
    const { network } = configuration.current.chain;
    const stopping = new AbortController();
    const wallets = new Wallets({
      folder: new WalletFolder(openFolder(join(dataFolder, "wallets"))),
      ...{ clock, random },
      ...(passwordCost !== undefined && { cost: passwordCost }),
    });
    const networks = new Networks({
      ...{ runtime, embedded: chain },
      rpcUrls: namedEndpoints(configuration),
      contractsOn: await readOwnContracts(openFolder(dataFolder), log),
    });
    let desk: TradingDesk | null = null;
    try {
      desk = await TradingDesk.open({
        ...{ runtime, networks, wallets },
        keyFolder: openFolder(join(dataFolder, "speed")),
        settings: configuration,
        signal: stopping.signal,
      });
    } catch (error) {
      log.warn("bandwidth can neither be bought nor sold until the next start", { network, error });
    }
    return new Money(init, { wallets, networks, desk }, stopping);
  }

  /** What the session is to be made with. */
  get sessionOptions(): Partial<SessionOptions> {
    return this.desk?.sessionOptions ?? {};
  }

  attach(session: Session): void {
    this.desk?.attach(session);
  }

  /** Pays what is owed, and ends the sample. To be called before the session is closed. */
  async finish(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    await this.sample?.close();
    await this.desk?.finish();
  }

  /** To be called once the session is closed. */
  async close(): Promise<void> {
    await this.desk?.close();
    this.#stopping.abort();
    this.wallets.close();
    await this.networks.close();
  }

  #tell(): void {
    if (this.desk === null || !this.#events.hasListeners("trading")) return;
    const { trading } = this.configuration.current;
    this.#events.publish("trading", describeTrading(this.desk, trading));
  }

  async #refresh(): Promise<void> {
    await this.networks.refresh();
    const { wallet } = this.configuration.current.trading;
    if (wallet !== null && this.#events.hasListeners("wallet")) {
      this.#events.publish("wallet", { name: wallet });
    }
  }
}

/** By network: the settings name them for one. */
function namedEndpoints({ current }: Configuration): Record<string, readonly string[]> {
  const { network, rpcUrls } = current.chain;
  return rpcUrls.length > 0 ? { [network]: rpcUrls } : {};
}
