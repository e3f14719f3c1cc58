import type { Clock, Log } from "@shoal/runtime";
import type { TorrentEntry } from "../torrent/entry.ts";
import { toEntry } from "../torrent/keep-entry.ts";
import type { ResumeStore } from "../torrent/resume.ts";
import { isMetainfo, type TorrentSource } from "../torrent/source.ts";
import type { TorrentCore } from "../torrent/torrent-core.ts";
import type { TorrentList } from "./torrent-list.ts";

/** What totals and times may lag behind when the session is killed. */
const BEAT_MS = 30_000;
/** Torrents of an earlier run that are brought back between two looks at everything else. */
const LOAD_BATCH = 500;

/** Keeps a session's torrents in its list: changes within a second, totals within half a minute. */
export class TorrentKeeper {
  readonly #list: TorrentList;
  readonly #metadata: ResumeStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #changed = new Set<TorrentCore>();
  /** Payload that has moved in this run, as it was saved. */
  readonly #savedBytes = new WeakMap<TorrentCore, number>();
  #beatAtMs = -Infinity;

  constructor(list: TorrentList, metadata: ResumeStore, clock: Clock, log: Log) {
    this.#list = list;
    this.#metadata = metadata;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * What an earlier run has left, in order of the queue, some hundreds at a time: the first are at work while the
   * others are read, and no more than that is in memory twice.
   * @param isMine By infohash.
   * @throws {StoreError}
   */
  async *load(
    isMine: (infoHash: string) => boolean,
  ): AsyncGenerator<{ readonly entries: readonly TorrentEntry[]; readonly lastSeenMs: number }> {
    const lastSeenMs = await this.#list.lastSeenMs();
    const mine = (await this.#list.list()).filter(isMine);
    for (let at = 0; at < mine.length; at += LOAD_BATCH) {
      yield {
        entries: await this.#list.load(mine.slice(at, at + LOAD_BATCH), this.#log),
        lastSeenMs,
      };
    }
  }

  /** A new torrent: resolves once a killed session would have it again. @throws {StoreError} */
  async keep(core: TorrentCore, source: TorrentSource): Promise<void> {
    const metadata = isMetainfo(source) ? this.#metadata.saveMetadata(core.infoHash, source) : null;
    // Carried out in this order: there is no entry without its metadata.
    await Promise.all([metadata, this.#list.put([toEntry(core)])]);
  }

  /** @throws {StoreError} */
  async forget(core: TorrentCore): Promise<void> {
    this.#changed.delete(core);
    await this.#list.remove(core.infoHash);
  }

  /** Something of a torrent is to be saved soon. */
  touch(core: TorrentCore): void {
    this.#changed.add(core);
  }

  /** Saves torrents now. Failures are logged: they go on, and what was saved before holds. */
  async save(cores: readonly TorrentCore[]): Promise<void> {
    for (const core of cores) {
      this.#changed.delete(core);
      this.#savedBytes.set(core, movedBytes(core));
    }
    try {
      await this.#list.put(cores.map(toEntry));
    } catch (error) {
      for (const core of cores) this.#changed.add(core);
      this.#log.warn("could not save the list of torrents", { error });
    }
  }

  /** Called about once a second. @param awake The torrents whose totals may have changed. */
  tick(awake: Iterable<TorrentCore>, nowMs: number): void {
    if (nowMs - this.#beatAtMs >= BEAT_MS) {
      this.#beatAtMs = nowMs;
      for (const core of awake) {
        if (movedBytes(core) !== (this.#savedBytes.get(core) ?? 0)) this.#changed.add(core);
      }
      this.#list.beat(this.#clock.nowMs()).catch((error: unknown) => {
        this.#log.warn("could not save the time of the session", { error });
      });
    }
    if (this.#changed.size > 0) void this.save([...this.#changed]);
  }
}

function movedBytes({ totals }: TorrentCore): number {
  return totals.runDownloadedBytes + totals.runUploadedBytes;
}
