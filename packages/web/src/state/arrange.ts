import { isInState, type StateFilter } from "./state-filter.ts";
import type { ListChange } from "./torrent-list.ts";
import type { Torrent } from "./torrent.ts";

export const SORT_KEYS = [
  "name",
  "sizeBytes",
  "progress",
  "state",
  "downloadRate",
  "uploadRate",
  "etaS",
  "peers",
  "ratio",
  "category",
  "addedAtMs",
  "queuePosition",
] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface Arrangement {
  readonly sort: SortKey;
  readonly descending: boolean;
  readonly state: StateFilter;
  /** Null: of every category; empty: of none. */
  readonly category: string | null;
  readonly search: string;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/**
 * Filters and sorts.
 * @param previous The order so far: sorting what is nearly sorted compares each torrent about once, and equal ones
 *   stay where they were instead of jumping.
 */
export function arrange(
  torrents: readonly Torrent[],
  arrangement: Arrangement,
  previous: readonly string[] = [],
): string[] {
  const words = arrangement.search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const wanted = inOrder(torrents, previous).filter((torrent) =>
    isWanted(torrent, arrangement, words),
  );
  const compare = COMPARE[arrangement.sort];
  const sign = arrangement.descending ? -1 : 1;
  return wanted.sort((a, b) => sign * compare(a, b)).map(({ infoHash }) => infoHash);
}

/** As they stood before, and those that are new behind them. */
function inOrder(torrents: readonly Torrent[], previous: readonly string[]): readonly Torrent[] {
  if (previous.length === 0) return torrents;
  const left = new Map(torrents.map((torrent) => [torrent.infoHash, torrent]));
  const ordered: Torrent[] = [];
  for (const infoHash of previous) {
    const torrent = left.get(infoHash);
    if (torrent === undefined) continue;
    left.delete(infoHash);
    ordered.push(torrent);
  }
  return [...ordered, ...left.values()];
}

/** Whether a change may move torrents in a list, or into or out of it. */
export function mayReorder(change: ListChange, arrangement: Arrangement): boolean {
  if (change.isStructural) return true;
  const has = (...fields: readonly (keyof Torrent)[]): boolean =>
    fields.some((field) => change.fields.has(field));
  if (arrangement.state !== "all" && has("state", "downloadRate", "uploadRate")) return true;
  if (arrangement.category !== null && has("category")) return true;
  if (arrangement.search !== "" && has("name")) return true;
  return arrangement.sort === "peers" ? has("seeds", "leechers") : has(arrangement.sort);
}

function isWanted(torrent: Torrent, arrangement: Arrangement, words: readonly string[]): boolean {
  if (!isInState(torrent, arrangement.state)) return false;
  if (arrangement.category !== null && (torrent.category ?? "") !== arrangement.category)
    return false;
  if (words.length === 0) return true;
  const name = torrent.name.toLocaleLowerCase();
  return words.every((word) => name.includes(word) || torrent.infoHash.startsWith(word));
}

const byNumber =
  (read: (torrent: Torrent) => number) =>
  (a: Torrent, b: Torrent): number =>
    read(a) - read(b);

const STATE_ORDER = [
  "error",
  "downloading",
  "metadata",
  "checking",
  "seeding",
  "queued",
  "paused",
  "closed",
];

const COMPARE: Readonly<Record<SortKey, (a: Torrent, b: Torrent) => number>> = {
  name: (a, b) => collator.compare(a.name, b.name),
  category: (a, b) => collator.compare(a.category ?? "", b.category ?? ""),
  state: byNumber(({ state }) => STATE_ORDER.indexOf(state)),
  etaS: (a, b) => compareEta(a.etaS, b.etaS),
  peers: byNumber(({ seeds, leechers }) => seeds + leechers),
  sizeBytes: byNumber(({ sizeBytes }) => sizeBytes),
  progress: byNumber(({ progress }) => progress),
  downloadRate: byNumber(({ downloadRate }) => downloadRate),
  uploadRate: byNumber(({ uploadRate }) => uploadRate),
  ratio: byNumber(({ ratio }) => ratio),
  addedAtMs: byNumber(({ addedAtMs }) => addedAtMs),
  queuePosition: byNumber(({ queuePosition }) => queuePosition),
};

/** No estimate is longer than any. */
function compareEta(a: number | null, b: number | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  return b === null ? -1 : a - b;
}
