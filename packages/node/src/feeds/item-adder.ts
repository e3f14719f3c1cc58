import { parseMetainfo } from "@shoal/protocol";
import type { Log } from "@shoal/runtime";
import { hasSize, passesFilter } from "./feed-filter.ts";
import type { Feed, FeedStore, KnownItem } from "./feed-store.ts";
import { fetchItem, type FetchWorld } from "./fetch-feed.ts";
import { parseEpisode } from "./parse-episode.ts";

/** Items that are added after one look, and times that one is tried: the rest is for the next look. */
const MAX_ADDED_AT_ONCE = 100;
const MAX_ATTEMPTS = 5;

/** Where what feeds tell of goes. */
export interface TorrentIntake {
  /** @throws {ShoalError} `duplicate-torrent` for one that is there already. */
  add(addition: {
    readonly source: Uint8Array | string;
    readonly category?: string;
    readonly paused?: boolean;
    readonly folder?: string;
  }): Promise<unknown>;
}

/** Adds what a feed tells of and its filter lets through. */
export class ItemAdder {
  readonly #store: FeedStore;
  readonly #torrents: TorrentIntake;
  readonly #log: Log;
  readonly #world: FetchWorld;

  constructor(init: { store: FeedStore; torrents: TorrentIntake; log: Log; world: FetchWorld }) {
    this.#store = init.store;
    this.#torrents = init.torrents;
    this.#log = init.log;
    this.#world = init.world;
  }

  /** @param isThere Whether the feed was not removed meanwhile. */
  async addWanted(feed: Feed, isThere: () => boolean): Promise<void> {
    const { filter } = feed.options;
    const wanted = (await this.#store.items(feed.id)).filter(
      (item) => !item.isAdded && item.attempts < MAX_ATTEMPTS && passesFilter(item, filter),
    );
    for (const item of wanted.slice(0, MAX_ADDED_AT_ONCE)) {
      if (this.#world.signal.aborted || !isThere()) return;
      await this.#addItem(feed, item);
    }
  }

  /** It is marked once the torrent is there: after a kill in between it is added again, which changes nothing. */
  async #addItem(feed: Feed, item: KnownItem): Promise<void> {
    const { id, options } = feed;
    const episode = options.filter.smartEpisodes ? keyOfEpisode(item.title) : null;
    if (episode !== null && (await this.#store.hasEpisode(id, episode))) {
      return await this.#store.setAdded(id, item.guid, null);
    }
    try {
      const source = await this.#fetchSource(item, feed);
      if (source === null) return await this.#store.setAdded(id, item.guid, null);
      await this.#torrents
        .add({
          source,
          ...(options.category !== null && { category: options.category }),
          ...(options.addPaused && { paused: true }),
        })
        .catch((error: unknown) => {
          if (!isDuplicate(error)) throw error;
        });
      await this.#store.setAdded(id, item.guid, episode);
      this.#log.info("an item of a feed was added", { feed: id, title: item.title });
    } catch (error) {
      if (this.#world.signal.aborted) return;
      await this.#store.setFailed(id, item.guid);
      this.#log.warn("an item of a feed cannot be added", { feed: id, title: item.title, error });
    }
  }

  /** @returns Null where the torrent itself says a size that is not wanted. */
  async #fetchSource(
    { source }: KnownItem,
    { url, options }: Feed,
  ): Promise<Uint8Array | string | null> {
    if (/^magnet:/i.test(source)) return source;
    const bytes = await fetchItem(source, url, this.#world);
    return hasSize(parseMetainfo(bytes).lengthBytes, options.filter) ? bytes : null;
  }
}

/** A repaired release is taken once more. */
function keyOfEpisode(title: string): string | null {
  const episode = parseEpisode(title);
  if (episode === null) return null;
  return `${episode.show} ${episode.number}${episode.isRepair ? " repaired" : ""}`;
}

function isDuplicate(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "duplicate-torrent";
}
