import type { Answer, Input } from "@shoal/api";
import type { Log } from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import type { DaemonCore } from "../daemon/daemon-core.ts";
import type { Money } from "../money/money.ts";
import { providerError } from "./provider-error.ts";
import { type Site, SiteBook, type SiteChoice } from "./site-book.ts";
import { SiteStreams } from "./site-streams.ts";
import { accountsOf, chainIdText, describeSite, isForSites, viewOf } from "./site-view.ts";
import { type ShownRequest, WaitingRequests } from "./waiting-requests.ts";

/** Calls of a site that are being worked on, those that wait for the user apart. A browser has six connections to a server. */
export const MAX_WORKING = 16;

type Core = Pick<DaemonCore, "access" | "events" | "money" | "runtime" | "url" | "version">;

interface SitesInit extends Core {
  readonly book: SiteBook;
}

/** What a site has when it was connected. */
export interface Connected {
  readonly site: Site;
  readonly token: string;
}

/** The web sites that use the wallet: which are connected, what they ask for, and what they are told. */
export class Sites {
  readonly book: SiteBook;
  readonly waiting: WaitingRequests;
  readonly streams: SiteStreams;
  readonly money: Money;
  readonly version: string;
  readonly log: Log;
  readonly #init: SitesInit;
  readonly #working = new Map<string, number>();

  private constructor(init: SitesInit) {
    const { book, money, runtime, version } = init;
    this.#init = init;
    this.book = book;
    this.money = money;
    this.version = version;
    this.log = runtime.log;
    this.streams = new SiteStreams(runtime.clock);
    this.waiting = new WaitingRequests({
      clock: runtime.clock,
      random: runtime.random,
      changed: () => this.#tellUser(),
    });
  }

  /** @throws {StoreError} */
  static async open(core: Core): Promise<Sites> {
    const { store, clock, random } = core.runtime;
    return new Sites({ ...core, book: await SiteBook.open({ store, clock, random }) });
  }

  /**
   * Asks the user to connect a site, or to connect it anew.
   * @param site Null for a stranger.
   * @throws {RpcError} 4001, 4100 before a password is set, -32002.
   */
  async connect(origin: string, site: Site | null, gone: AbortSignal): Promise<Connected> {
    if (this.#init.access.needsPassword) {
      const text = `Shoal is not set up yet: set a password at ${this.#init.url} first.`;
      throw providerError("unauthorized", text);
    }
    const siteId = site?.id ?? null;
    this.waiting.assertRoom({ origin, siteId, kind: "connect" });
    const choice = site ?? (await this.#proposal());
    const shown: ShownRequest = {
      kind: "connect",
      ...{ wallet: choice.wallet, account: choice.account, network: choice.network },
      address:
        choice.wallet === null ? null : await this.#addressOf({ ...choice, wallet: choice.wallet }),
      ...{ lines: [], warnings: [], transaction: null },
    };
    const carryOut = async (reply: Input<"answerSiteRequest">): Promise<Connected> => {
      const wallet = reply.wallet ?? choice.wallet;
      if (wallet === null) {
        throw new NodeError("bad-request", "There is no wallet yet: make one first.");
      }
      const chosen = {
        wallet,
        account: reply.account ?? choice.account,
        network: reply.network ?? choice.network,
      };
      await viewOf(this.money, chosen);
      const known = this.book.list().find((each) => each.origin === origin);
      const connected = await this.book.connect(origin, chosen);
      if (known !== undefined) await this.#tellSite(known, connected.site);
      this.log.info("site connected", { site: connected.site.id, origin });
      return connected;
    };
    return (await this.waiting.ask({ origin, siteId, shown, carryOut }, gone)) as Connected;
  }

  /** Whether a site has asked for more at once than a page needs. @throws {RpcError} -32005. */
  async inTurn<T>({ id }: Site, work: () => Promise<T>): Promise<T> {
    const count = this.#working.get(id) ?? 0;
    if (count >= MAX_WORKING) throw providerError("limit", "Ask for fewer things at once.");
    this.#working.set(id, count + 1);
    try {
      return await work();
    } finally {
      const left = (this.#working.get(id) ?? 1) - 1;
      if (left === 0) this.#working.delete(id);
      else this.#working.set(id, left);
    }
  }

  async list(): Promise<Answer<"listSites">> {
    const sites = this.book.list().map((site) => describeSite(this.money, site));
    return { sites: await Promise.all(sites) };
  }

  /**
   * Shows a site another account or network, and tells it.
   * @throws {NodeError} `not-found`; {AccountError}, {ChainError} for what there is not.
   */
  async change(id: string, change: Partial<SiteChoice>): Promise<Answer<"changeSite">> {
    const before = this.book.get(id);
    const { wallet = before.wallet, account = before.account, network = before.network } = change;
    await viewOf(this.money, { wallet, account, network });
    const site = await this.book.change(id, { wallet, account, network });
    await this.#tellSite(before, site);
    this.#tellUser();
    return await describeSite(this.money, site);
  }

  /** Cuts a site off, at once: its pages are told, and nothing of theirs is answered any more. */
  async disconnect(id: string): Promise<void> {
    const { origin } = this.book.get(id);
    const removing = this.book.remove(id);
    const error = providerError("disconnected", "The user has disconnected this site in Shoal.");
    this.waiting.cancel(origin, error);
    this.streams.tell(id, "accountsChanged", []);
    this.streams.tell(id, "disconnect", { code: error.code, message: error.message });
    this.streams.end(id);
    await removing;
    this.log.info("site disconnected", { site: id, origin });
    this.#tellUser();
  }

  close(): void {
    this.waiting.close();
    this.streams.close();
  }

  /** A site's accounts and chain as they were and are: it is told of what differs. */
  async #tellSite(before: Site, now: Site): Promise<void> {
    const isSameNetwork = before.network === now.network;
    if (isSameNetwork && before.wallet === now.wallet && before.account === now.account) return;
    // What waits was made for the account and chain that the site saw (EIP-3326, security considerations).
    const error = providerError("chainDisconnected", "The account or the network was changed.");
    this.waiting.cancel(now.origin, error, ["transaction", "message", "typed-data"]);
    if (!isSameNetwork) {
      const { network } = await this.money.networks.open(now.network);
      this.streams.tell(now.id, "chainChanged", chainIdText(network.info));
    }
    this.streams.tell(now.id, "accountsChanged", await accountsOf(this.money, now));
  }

  #tellUser(): void {
    this.#init.events.publish("sites", { waiting: this.waiting.size });
  }

  /** The account that trades, or the first; the network of the settings, where sites can have it. */
  async #proposal(): Promise<Omit<SiteChoice, "wallet"> & { readonly wallet: string | null }> {
    const { wallets, networks, configuration } = this.money;
    const { trading, chain } = configuration.current;
    const names = (await wallets.list()).map(({ name }) => name);
    const isThere = trading.wallet !== null && names.includes(trading.wallet);
    const wallet = isThere ? trading.wallet : (names[0] ?? null);
    const infos = (await networks.list()).map(({ info }) => info).filter(isForSites);
    const preferred = infos.find(({ name }) => name === chain.network) ?? infos[0];
    return { wallet, account: 0, network: preferred?.name ?? "embedded" };
  }

  async #addressOf(choice: SiteChoice): Promise<string | null> {
    const [address = null] = await accountsOf(this.money, choice).catch((): string[] => []);
    return address;
  }
}
