import type { Answer, Input } from "@shoal/api";
import {
  type Clock,
  type HttpClient,
  type Log,
  type Store,
  StoreError,
  type Timer,
} from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import { FeedError } from "./feed-error.ts";
import { EMPTY_FILTER, passesFilter } from "./feed-filter.ts";
import { type Feed, type FeedOptions, FeedStore } from "./feed-store.ts";
import { fetchFeed, type FetchWorld } from "./fetch-feed.ts";
import { ItemAdder, type TorrentIntake } from "./item-adder.ts";

export const MAX_FEEDS = 500;
const DEFAULT_INTERVAL_S = 15 * 60;
/** After errors the pause doubles, up to this. */
const MAX_PAUSE_MS = 24 * 3600_000;
const LOOK_EVERY_MS = 5000;

type FeedView = Answer<"addFeed">;

/** RSS and Atom feeds: looked at now and then, and what of them is wanted is added, each item once, over all runs. */
export class Feeds {
  readonly #store: FeedStore;
  readonly #adder: ItemAdder;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #feeds: Map<number, Feed>;
  readonly #stopping = new AbortController();
  readonly #world: FetchWorld;
  readonly #timer: Timer;
  /** One feed is looked at after the other: there is no haste. */
  #last: Promise<void> = Promise.resolve();
  #isLooking = false;

  private constructor(init: FeedsInit, store: FeedStore, feeds: readonly Feed[]) {
    this.#store = store;
    const { http, clock, log, torrents } = init;
    this.#clock = clock;
    this.#log = log;
    this.#world = { http, clock, signal: this.#stopping.signal };
    this.#adder = new ItemAdder({ store, torrents, log, world: this.#world });
    this.#feeds = new Map(feeds.map((feed) => [feed.id, feed]));
    this.#timer = init.clock.setRepeating(LOOK_EVERY_MS, () => void this.lookAtDue());
  }

  /** @throws {StoreError} */
  static async open(init: FeedsInit): Promise<Feeds> {
    const store = await FeedStore.open(init.store);
    return new Feeds(init, store, await store.list());
  }

  async close(): Promise<void> {
    this.#timer.cancel();
    this.#stopping.abort();
    await this.#last;
  }

  list(): FeedView[] {
    return [...this.#feeds.values()].map(describe);
  }

  /**
   * Adds a feed, and looks at it as soon as it is its turn.
   * @throws {NodeError} `bad-request`, or `conflict` when it is there already, or when there are too many.
   */
  async add({ url, ...change }: Input<"addFeed">): Promise<FeedView> {
    if (!/^https?:$/.test(new URL(url).protocol)) {
      throw new NodeError("bad-request", "Expected an http or https URL.", { reason: "not-http" });
    }
    if (this.#feeds.size >= MAX_FEEDS) {
      throw new NodeError(
        "conflict",
        `There are ${MAX_FEEDS} feeds already, as many as there may be.`,
        { reason: "too-many-feeds", values: { most: MAX_FEEDS } },
      );
    }
    const options = { ...DEFAULTS, ...defined(change) };
    const feed = await this.#store
      .add(url, options, { ...NEVER_ASKED, title: new URL(url).host })
      .catch((error: unknown) => {
        const isKnown = error instanceof StoreError && error.code === "constraint";
        throw isKnown
          ? new NodeError("conflict", "This feed is there already.", { reason: "feed-exists" })
          : error;
      });
    this.#feeds.set(feed.id, feed);
    void this.lookAtDue();
    return describe(feed);
  }

  /** What is absent stays. What the filter lets through from now on is added at the next look. @throws {NodeError} `not-found`. */
  async change({ id, ...change }: Input<"changeFeed">): Promise<FeedView> {
    const feed = this.#find(id);
    const options = { ...feed.options, ...defined(change) };
    const nowMs = this.#clock.nowMs();
    // Asked anew, and in full: what was told before may be wanted now.
    const state = {
      ...feed.state,
      etag: null,
      modified: null,
      nextMs: Math.min(nowMs, feed.state.nextMs),
    };
    const changed = { ...feed, options, state };
    await this.#keep(changed);
    void this.lookAtDue();
    return describe(changed);
  }

  /** @throws {NodeError} `not-found`. */
  async remove(id: number): Promise<void> {
    this.#find(id);
    this.#feeds.delete(id);
    await this.#store.remove(id);
  }

  /** What a feed told when it was last read. @throws {NodeError} `not-found`. */
  async items(id: number): Promise<Answer<"listFeedItems">["items"]> {
    const { options } = this.#find(id);
    return (await this.#store.items(id)).map((item) => ({
      guid: item.guid,
      title: item.title,
      link: item.source,
      publishedAtMs: item.publishedAtMs,
      sizeBytes: item.sizeBytes,
      matched: passesFilter(item, options.filter),
      added: item.isAdded,
    }));
  }

  /** Looks at the feeds whose time has come; answers when that is done. */
  async lookAtDue(): Promise<void> {
    if (this.#isLooking) return await this.#last;
    this.#isLooking = true;
    this.#last = this.#lookAtAll().finally(() => void (this.#isLooking = false));
    await this.#last;
  }

  async #lookAtAll(): Promise<void> {
    for (;;) {
      const nowMs = this.#clock.nowMs();
      const due = [...this.#feeds.values()].find(
        ({ options, state }) => options.isOn && state.nextMs <= nowMs,
      );
      if (due === undefined || this.#stopping.signal.aborted) return;
      await this.#look(due, nowMs);
    }
  }

  async #look(feed: Feed, nowMs: number): Promise<void> {
    const { id, url } = feed;
    try {
      const told = await fetchFeed(url, feed.state, this.#world);
      if (told !== null) {
        await this.#store.take(id, told.feed.items, nowMs);
        await this.#adder.addWanted(feed, () => this.#feeds.has(id));
      }
      await this.#settle(feed, {
        ...feed.state,
        ...told?.version,
        title: told?.feed.title || feed.state.title,
        askedAtMs: nowMs,
        nextMs: this.#clock.nowMs() + feed.options.intervalS * 1000,
        failures: 0,
        error: null,
      });
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const failures = feed.state.failures + 1;
      const message = error instanceof Error ? error.message : "unknown failure";
      const retryInMs = error instanceof FeedError ? error.retryInMs : null;
      const pauseMs = Math.max(
        Math.min(MAX_PAUSE_MS, feed.options.intervalS * 1000 * 2 ** Math.min(failures - 1, 20)),
        Math.min(MAX_PAUSE_MS, retryInMs ?? 0),
      );
      this.#log.warn("a feed cannot be read", { feed: id, error, pauseMs });
      const nextMs = this.#clock.nowMs() + pauseMs;
      await this.#settle(feed, {
        ...feed.state,
        askedAtMs: nowMs,
        nextMs,
        failures,
        error: message,
      });
    }
  }

  /** Unless it was removed meanwhile; what its user changed meanwhile holds. */
  async #settle({ id, options }: Feed, found: Feed["state"]): Promise<void> {
    const feed = this.#feeds.get(id);
    if (feed === undefined) return await this.#store.remove(id);
    const isChanged = feed.options !== options;
    const state = isChanged ? { ...found, etag: null, modified: null, nextMs: 0 } : found;
    await this.#keep({ ...feed, state }).catch((error: unknown) => {
      this.#log.error("what a feed has told cannot be kept", { feed: id, error });
      this.#feeds.set(id, { ...feed, state });
    });
  }

  async #keep(feed: Feed): Promise<void> {
    await this.#store.save(feed);
    this.#feeds.set(feed.id, feed);
  }

  #find(id: number): Feed {
    const feed = this.#feeds.get(id);
    if (feed === undefined) throw new NodeError("not-found", `There is no feed ${id}.`);
    return feed;
  }
}

export interface FeedsInit {
  readonly torrents: TorrentIntake;
  readonly store: Store;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly log: Log;
}

const DEFAULTS: FeedOptions = {
  category: null,
  intervalS: DEFAULT_INTERVAL_S,
  filter: EMPTY_FILTER,
  addPaused: false,
  isOn: true,
};

const NEVER_ASKED = {
  etag: null,
  modified: null,
  askedAtMs: null,
  nextMs: 0,
  failures: 0,
  error: null,
};

function describe({ id, url, options, state }: Feed): FeedView {
  const { title, askedAtMs, error } = state;
  return { id, url, title, ...options, lastAskedMs: askedAtMs, error };
}

/** What is absent, and what is undefined, changes nothing. */
function defined(change: {
  readonly [Name in keyof FeedOptions]?: FeedOptions[Name] | undefined;
}): Partial<FeedOptions> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
