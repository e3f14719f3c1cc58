import type { Answer, Input, TorrentSummary } from "@shoal/api";

export type ListQuery = Input<"listTorrents">;

/** A page of the torrents that a query asks for. @param all In order of the queue. */
export function listPage(all: readonly TorrentSummary[], query: ListQuery): Answer<"listTorrents"> {
  const { state, category, search, sort, order, offset, limit } = query;
  const words = search?.toLowerCase();
  let found = all;
  if (state !== undefined) found = found.filter((each) => each.state === state);
  // An empty name asks for those in no category.
  if (category !== undefined) found = found.filter((each) => (each.category ?? "") === category);
  if (words !== undefined) {
    found = found.filter(
      (each) => each.name.toLowerCase().includes(words) || each.infoHash === words,
    );
  }
  if (sort !== "queuePosition") found = sortBy(found, sort);
  if (order === "asc")
    return { total: found.length, torrents: found.slice(offset, offset + limit) };
  const end = Math.max(found.length - offset, 0);
  const torrents = found.slice(Math.max(end - limit, 0), end).toReversed();
  return { total: found.length, torrents };
}

/** Ascending; what is unknown comes last, and equals stay in order of the queue. */
function sortBy(
  torrents: readonly TorrentSummary[],
  name: keyof TorrentSummary,
): readonly TorrentSummary[] {
  const keys = torrents.map((torrent) => {
    const key = torrent[name] ?? Infinity;
    return typeof key === "string" ? key.toLowerCase() : key;
  });
  const places = [...torrents.keys()].sort((a, b) => {
    const [first, second] = [keys[a]!, keys[b]!];
    return first < second ? -1 : first > second ? 1 : a - b;
  });
  return places.map((place) => torrents[place]!);
}
