import type { Answer } from "@shoal/api";
import { matchesPattern, normalTitle } from "./title-pattern.ts";

/** Which items of a feed are added. */
export type FeedFilter = Answer<"addFeed">["filter"];

/** Adds nothing: what is wanted has to be said. */
export const EMPTY_FILTER: FeedFilter = {
  include: [],
  exclude: [],
  minBytes: null,
  maxBytes: null,
  smartEpisodes: false,
};

/**
 * Whether an item is one that a feed is there for: its title fits one of the patterns to include and none of those to
 * exclude, and its size, where the feed tells it, is within the bounds.
 */
export function passesFilter(
  { title, sizeBytes }: { readonly title: string; readonly sizeBytes: number | null },
  filter: FeedFilter,
): boolean {
  const normal = normalTitle(title);
  const fits = (pattern: string): boolean => matchesPattern(normal, pattern);
  if (!filter.include.some(fits) || filter.exclude.some(fits)) return false;
  return sizeBytes === null || hasSize(sizeBytes, filter);
}

/** Whether a size is within a filter's bounds; asked again once a torrent file has said what it really is. */
export function hasSize(sizeBytes: number, { minBytes, maxBytes }: FeedFilter): boolean {
  return sizeBytes >= (minBytes ?? 0) && sizeBytes <= (maxBytes ?? Infinity);
}
