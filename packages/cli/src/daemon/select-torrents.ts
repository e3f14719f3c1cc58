import { matchesGlob } from "node:path";
import type { Answer, ApiClient } from "@shoal/api/client";
import { CliError } from "../errors.ts";

export type TorrentSummary = Answer<"listTorrents">["torrents"][number];

const PAGE = 1000;
/** Fewer digits of an infohash would be taken for a name. */
const MIN_PREFIX = 6;

/** All torrents of the daemon, in order of its queue. */
export async function listAllTorrents(
  client: ApiClient,
  query: { readonly state?: TorrentSummary["state"]; readonly category?: string } = {},
): Promise<TorrentSummary[]> {
  const all: TorrentSummary[] = [];
  while (true) {
    const page = await client.call("listTorrents", { ...query, offset: all.length, limit: PAGE });
    all.push(...page.torrents);
    if (all.length >= page.total || page.torrents.length === 0) return all;
  }
}

/**
 * The torrents that are meant: `all`, the beginning of an infohash, a name, or a glob over names.
 * @throws {CliError} `not-found` for a word that means none; `usage` where a prefix means several.
 */
export async function selectTorrents(
  client: ApiClient,
  words: readonly string[],
): Promise<TorrentSummary[]> {
  const all = await listAllTorrents(client);
  const chosen = new Set<TorrentSummary>();
  for (const word of words) {
    for (const torrent of matchesOf(word, all)) chosen.add(torrent);
  }
  return [...chosen];
}

function matchesOf(word: string, all: readonly TorrentSummary[]): readonly TorrentSummary[] {
  if (word === "all") return all;
  if (new RegExp(`^[0-9a-f]{${MIN_PREFIX},64}$`, "i").test(word)) {
    const found = all.filter(({ infoHash }) => infoHash.startsWith(word.toLowerCase()));
    if (found.length > 1) {
      const names = found.slice(0, 3).map(({ name }) => name);
      throw new CliError("usage", `${word} begins several infohashes: ${names.join(", ")}`);
    }
    if (found.length === 1) return found;
  }
  const named = all.filter(({ name }) => name === word || matchesGlob(name, word));
  if (named.length > 0) return named;
  throw new CliError(
    "not-found",
    `no torrent is meant by ${word}: expected all, the first ${MIN_PREFIX} or more digits of an infohash, a name, or a pattern of names (shoal ls lists them)`,
  );
}
