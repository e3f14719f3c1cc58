import { type Counts, TorrentCounts } from "./torrent-counts.ts";
import type { Torrent, TorrentsEvent } from "./torrent.ts";

/** What a batch of events has changed, as far as the order of a list may depend on it. */
export interface ListChange {
  /** Torrents came or went. */
  readonly isStructural: boolean;
  readonly fields: ReadonlySet<keyof Torrent>;
}

/**
 * Every torrent of the daemon, by infohash. Torrents are replaced, never changed, so that a row is drawn again only
 * when its torrent is another object.
 */
export class TorrentList {
  readonly #byHash = new Map<string, Torrent>();
  readonly #counts = new TorrentCounts();
  /** Gone while the list was being read page by page: a page read before must not bring them back. */
  #removedWhileReading: Set<string> | null = null;

  get size(): number {
    return this.#byHash.size;
  }

  /** The same object until a count is another one. */
  get counts(): Counts {
    return this.#counts.counts;
  }

  get(infoHash: string): Torrent | undefined {
    return this.#byHash.get(infoHash);
  }

  values(): Torrent[] {
    return [...this.#byHash.values()];
  }

  /** Before the pages are read; torrents that no page brings are dropped by `endReading`. */
  beginReading(): void {
    this.#removedWhileReading = new Set();
  }

  takePage(torrents: readonly Torrent[]): void {
    for (const torrent of torrents) {
      if (this.#removedWhileReading?.has(torrent.infoHash) === true) continue;
      this.#put(torrent);
    }
  }

  /** @param seen Infohashes of all pages. */
  endReading(seen: ReadonlySet<string>, addedSince: ReadonlySet<string>): void {
    this.#removedWhileReading = null;
    for (const infoHash of this.#byHash.keys()) {
      if (!seen.has(infoHash) && !addedSince.has(infoHash)) this.#drop(infoHash);
    }
  }

  apply(events: readonly TorrentsEvent[]): ListChange {
    const fields = new Set<keyof Torrent>();
    let isStructural = false;
    for (const { added, changed, removed } of events) {
      for (const torrent of added) {
        isStructural = true;
        this.#removedWhileReading?.delete(torrent.infoHash);
        this.#put(torrent);
      }
      for (const delta of changed) {
        const known = this.#byHash.get(delta.infoHash);
        if (known === undefined) continue;
        for (const field of Object.keys(delta) as (keyof Torrent)[]) fields.add(field);
        this.#put({ ...known, ...delta } as Torrent);
      }
      for (const infoHash of removed) {
        this.#removedWhileReading?.add(infoHash);
        if (this.#drop(infoHash)) isStructural = true;
      }
    }
    fields.delete("infoHash");
    return { isStructural, fields };
  }

  #put(torrent: Torrent): void {
    const { infoHash } = torrent;
    this.#counts.replace(this.#byHash.get(infoHash) ?? null, torrent);
    this.#byHash.set(infoHash, torrent);
  }

  #drop(infoHash: string): boolean {
    const known = this.#byHash.get(infoHash);
    if (known === undefined) return false;
    this.#counts.replace(known, null);
    return this.#byHash.delete(infoHash);
  }
}
