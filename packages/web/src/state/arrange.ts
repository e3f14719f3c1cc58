import type { ListChange, Torrent } from "./torrent-list.ts";

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

export const STATE_FILTERS = [
  "all",
  "downloading",
  "seeding",
  "active",
  "paused",
  "queued",
  "checking",
  "error",
] as const;
export type StateFilter = (typeof STATE_FILTERS)[number];

export interface Arrangement {
  readonly sort: SortKey;
  readonly descending: boolean;
  readonly state: StateFilter;
  /** Null: of every category; empty: of none. */
  readonly category: string | null;
  readonly search: string;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Whether a torrent belongs under a filter of states. */
export function isInState(torrent: Torrent, filter: StateFilter): boolean {
  switch (filter) {
    case "all":
      return true;
    case "active":
      return torrent.downloadRate > 0 || torrent.uploadRate > 0;
    case "downloading":
      return torrent.state === "downloading" || torrent.state === "metadata";
    case "paused":
      return torrent.state === "paused" || torrent.state === "closed";
    default:
      return torrent.state === filter;
  }
}

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
  const wanted = torrents.filter((torrent) => isWanted(torrent, arrangement, words));
  if (previous.length > 0) {
    const places = new Map(previous.map((infoHash, index) => [infoHash, index]));
    const placeOf = (torrent: Torrent): number =>
      places.get(torrent.infoHash) ?? Number.MAX_SAFE_INTEGER;
    wanted.sort((a, b) => placeOf(a) - placeOf(b));
  }
  const compare = COMPARE[arrangement.sort];
  const sign = arrangement.descending ? -1 : 1;
  return wanted.sort((a, b) => sign * compare(a, b)).map(({ infoHash }) => infoHash);
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
