import type { EventData, TorrentDelta, TorrentSummary } from "@shoal/api";
import type { Session, Torrent } from "@shoal/engine";
import type { Clock } from "@shoal/runtime";
import { summarise } from "./describe-torrent.ts";

/** Figures of torrents that are at work may be so old. */
const FRESH_MS = 250;

export type TorrentChanges = EventData<"torrents">;

interface Entry {
  summary: TorrentSummary;
  isAsleep: boolean;
  /** What has changed since the last {@link TorrentBoard.takeChanges}; null: everything, it is new. */
  changed: Set<keyof TorrentSummary> | null;
}

/**
 * The summaries of all torrents, in order of the queue. Those that sleep are not asked again until something happens to
 * them, so that ten thousand of them cost next to nothing.
 */
export class TorrentBoard {
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #entries = new Map<Torrent, Entry>();
  readonly #touched = new Set<Torrent>();
  readonly #removed = new Set<string>();
  readonly #endListening: () => void;
  #isAllTouched = true;
  #refreshedAtMs = -Infinity;
  #summaries: readonly TorrentSummary[] = [];

  constructor(session: Session, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
    this.#endListening = session.on((event) => {
      if (!("torrent" in event)) return;
      const { torrent } = event;
      this.#touched.add(torrent);
      if (event.type !== "torrent-removed") return;
      if (this.#entries.delete(torrent)) this.#removed.add(torrent.infoHash);
    });
  }

  /** Something of a torrent was changed that the session tells nobody of. */
  touch(torrent: Torrent): void {
    this.#touched.add(torrent);
  }

  touchAll(): void {
    this.#isAllTouched = true;
  }

  /** All torrents as they are, in order of the queue; what moves may be a quarter of a second old. */
  get summaries(): readonly TorrentSummary[] {
    const nowMs = this.#clock.monotonicMs();
    const isOld = nowMs - this.#refreshedAtMs >= FRESH_MS;
    if (isOld || this.#isAllTouched || this.#touched.size > 0) this.#refresh(nowMs);
    return this.#summaries;
  }

  summaryOf(torrent: Torrent): TorrentSummary {
    const known = (): TorrentSummary | undefined => this.#entries.get(torrent)?.summary;
    if (this.summaries.length > 0 && known() !== undefined) return known()!;
    return summarise(torrent, 0);
  }

  /** What has changed since this was last asked; null when nothing has. For one asker. */
  takeChanges(): TorrentChanges | null {
    this.#refresh(this.#clock.monotonicMs());
    const changes: TorrentChanges = { added: [], changed: [], removed: [...this.#removed] };
    this.#removed.clear();
    for (const entry of this.#entries.values()) {
      const { summary, changed } = entry;
      if (changed === null) changes.added.push(summary);
      else if (changed.size > 0) changes.changed.push(pick(summary, changed));
      else continue;
      entry.changed = new Set();
    }
    const { added, changed, removed } = changes;
    return added.length + changed.length + removed.length === 0 ? null : changes;
  }

  close(): void {
    this.#endListening();
  }

  #refresh(nowMs: number): void {
    this.#refreshedAtMs = nowMs;
    this.#summaries = this.#session.torrents.map((torrent, position) => {
      const entry = this.#entries.get(torrent);
      if (entry === undefined) return this.#add(torrent, position);
      const { summary } = entry;
      const isQuiet = torrent.isAsleep && entry.isAsleep && !this.#touched.has(torrent);
      if (!isQuiet || this.#isAllTouched) {
        note(entry, summarise(torrent, position));
        entry.isAsleep = torrent.isAsleep;
      } else if (summary.queuePosition !== position) {
        note(entry, { ...summary, queuePosition: position });
      }
      return entry.summary;
    });
    this.#isAllTouched = false;
    this.#touched.clear();
  }

  #add(torrent: Torrent, position: number): TorrentSummary {
    const summary = summarise(torrent, position);
    this.#entries.set(torrent, { summary, isAsleep: torrent.isAsleep, changed: null });
    this.#removed.delete(torrent.infoHash);
    return summary;
  }
}

/** Takes a newer summary, and notes what is different. */
function note(entry: Entry, summary: TorrentSummary): void {
  const before = entry.summary;
  let isSame = true;
  for (const key in summary) {
    const name = key as keyof TorrentSummary;
    if (summary[name] === before[name]) continue;
    isSame = false;
    entry.changed?.add(name);
  }
  if (!isSame) entry.summary = summary;
}

function pick(summary: TorrentSummary, names: ReadonlySet<keyof TorrentSummary>): TorrentDelta {
  const delta: Record<string, unknown> = { infoHash: summary.infoHash };
  for (const name of names) delta[name] = summary[name];
  return delta as TorrentDelta;
}
