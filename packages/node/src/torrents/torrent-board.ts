import type { EventData, TorrentDelta, TorrentSummary } from "@shoal/api";
import type { Session, Torrent } from "@shoal/engine";
import type { Clock } from "@shoal/runtime";
import { summarise } from "./describe-torrent.ts";

/** Summaries may be so old: a program that asks in a loop costs no more than one that asks now and then. */
const FRESH_MS = 100;

export type TorrentChanges = EventData<"torrents">;

interface Entry {
  summary: TorrentSummary;
  /** What has changed since the last {@link TorrentBoard.takeChanges}; null: everything, it is new. */
  changed: Set<keyof TorrentSummary> | null;
}

/**
 * The summaries of all torrents, in order of the queue. Only those are made anew of which the session says that
 * something has changed, so that ten thousand torrents that sleep cost next to nothing.
 */
export class TorrentBoard {
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #entries = new Map<Torrent, Entry>();
  readonly #removed = new Set<string>();
  readonly #endListening: () => void;
  #revision: number | undefined;
  #refreshedAtMs = -Infinity;
  #summaries: readonly TorrentSummary[] = [];

  constructor(session: Session, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
    this.#endListening = session.on((event) => {
      if (event.type === "torrent-removed") {
        if (this.#entries.delete(event.torrent)) this.#removed.add(event.torrent.infoHash);
      }
      // What happens is seen at once, what moves a little later.
      this.#refreshedAtMs = -Infinity;
    });
  }

  /** Something was changed: whoever asks next sees it. */
  touch(): void {
    this.#refreshedAtMs = -Infinity;
  }

  /** All torrents as they are, in order of the queue; what moves may be a tenth of a second old. */
  get summaries(): readonly TorrentSummary[] {
    if (this.#clock.monotonicMs() - this.#refreshedAtMs >= FRESH_MS) this.#refresh();
    return this.#summaries;
  }

  summaryOf(torrent: Torrent): TorrentSummary {
    this.#refresh();
    return this.#entries.get(torrent)?.summary ?? summarise(torrent, 0);
  }

  /** What has changed since this was last asked; null when nothing has. For one asker. */
  takeChanges(): TorrentChanges | null {
    this.#refresh();
    const changes: TorrentChanges = { added: [], changed: [], removed: [...this.#removed] };
    this.#removed.clear();
    for (const entry of this.#entries.values()) {
      const { summary, changed } = entry;
      if (changed === null) changes.added.push(summary);
      else if (changed.size > 0) changes.changed.push(pick(summary, changed));
      else continue;
      entry.changed = NOTHING;
    }
    const { added, changed, removed } = changes;
    return added.length + changed.length + removed.length === 0 ? null : changes;
  }

  close(): void {
    this.#endListening();
  }

  #refresh(): void {
    this.#refreshedAtMs = this.#clock.monotonicMs();
    const { revision, changed, removed } = this.#session.changes(this.#revision);
    this.#revision = revision;
    if (changed.length === 0 && removed.length === 0) return;
    const isChanged = new Set(changed);
    this.#summaries = this.#session.torrents.map((torrent, position) => {
      const entry = this.#entries.get(torrent);
      if (entry === undefined) return this.#add(torrent, position);
      const isElsewhere = entry.summary.queuePosition !== position;
      if (isElsewhere || isChanged.has(torrent)) note(entry, summarise(torrent, position));
      return entry.summary;
    });
  }

  #add(torrent: Torrent, position: number): TorrentSummary {
    const summary = summarise(torrent, position);
    this.#entries.set(torrent, { summary, changed: null });
    this.#removed.delete(torrent.infoHash);
    return summary;
  }
}

/** Shared by all entries that have not changed: it is never added to. */
const NOTHING: Set<keyof TorrentSummary> = new Set();

/** Takes a newer summary, and notes what is different. */
function note(entry: Entry, summary: TorrentSummary): void {
  const before = entry.summary;
  entry.summary = summary;
  for (const key in summary) {
    const name = key as keyof TorrentSummary;
    if (summary[name] === before[name] || entry.changed === null) continue;
    if (entry.changed === NOTHING) entry.changed = new Set();
    entry.changed.add(name);
  }
}

function pick(summary: TorrentSummary, names: ReadonlySet<keyof TorrentSummary>): TorrentDelta {
  const delta: Record<string, unknown> = { infoHash: summary.infoHash };
  for (const name of names) delta[name] = summary[name];
  return delta as TorrentDelta;
}
