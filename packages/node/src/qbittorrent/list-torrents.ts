import { TorrentView, viewTorrents } from "../remote/torrent-view.ts";
import type { QbCall } from "./call.ts";
import { describeTorrent, type TorrentInfo } from "./torrent-info.ts";
import { stateFilter } from "./torrent-state.ts";
import { WebApiError } from "./web-api-error.ts";

/** Torrents described at once. */
const WIDTH = 64;

/** `torrents/info` @throws {WebApiError} 400 for a filter or a key that does not exist. */
export async function listTorrents(call: QbCall): Promise<TorrentInfo[]> {
  const { parameters } = call;
  const filter = stateFilter(parameters.text("filter") || "all");
  if (filter === null) throw new WebApiError(400, "filter: there is no such filter.");
  const category = parameters.text("category");
  const tag = parameters.text("tag");
  const hashes = parameters.text("hashes") ? parameters.hashes() : "all";
  const views = (await viewTorrents(call)).filter(
    ({ infoHash, summary }) =>
      (hashes === "all" || hashes.includes(infoHash)) &&
      (category === undefined || category === (summary.category ?? "")) &&
      (tag === undefined || hasTag(call.control.tags.of(infoHash), tag)),
  );
  const infos = (await describeAll(views, call)).filter(filter);
  return page(sort(infos, call), call);
}

/** Every torrent as `torrents/info` tells it. Those that were removed meanwhile are left out. */
export async function describeAll(
  views: readonly TorrentView[],
  { operations, control, contents }: QbCall,
): Promise<TorrentInfo[]> {
  const { settings } = await operations.call("getSettings");
  const infos: TorrentInfo[] = [];
  for (let from = 0; from < views.length; from += WIDTH) {
    const described = views.slice(from, from + WIDTH).map(async (view) => {
      try {
        return await describeTorrent(view, control, settings, contents);
      } catch (error) {
        if ((error as { code?: unknown }).code === "not-found") return null;
        throw error;
      }
    });
    for (const info of await Promise.all(described)) if (info !== null) infos.push(info);
  }
  return infos;
}

/** One torrent. @throws {WebApiError} 404; {NodeError} */
export async function findTorrent(call: QbCall): Promise<TorrentView> {
  const infoHash = call.parameters.hash();
  return new TorrentView(await call.operations.call("getTorrent", { infoHash }), call);
}

function hasTag(tags: readonly string[], tag: string): boolean {
  return tag === "" ? tags.length === 0 : tags.includes(tag);
}

function sort(infos: TorrentInfo[], { parameters }: QbCall): TorrentInfo[] {
  const key = parameters.text("sort");
  const isReversed = parameters.flag("reverse") ?? false;
  if (key !== undefined && key !== "") {
    const [first] = infos;
    if (first !== undefined && !Object.hasOwn(first, key)) {
      throw new WebApiError(400, `sort: torrents have no ${key.slice(0, 50)}.`);
    }
    const name = key as keyof TorrentInfo;
    infos.sort((a, b) => compare(a[name], b[name]));
  }
  return isReversed ? infos.toReversed() : infos;
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  return Number(a) - Number(b);
}

function page(infos: TorrentInfo[], { parameters }: QbCall): TorrentInfo[] {
  const limit = parameters.number("limit") ?? 0;
  const offset = Math.trunc(parameters.number("offset") ?? 0);
  const from = offset < 0 ? Math.max(0, infos.length + offset) : offset;
  return infos.slice(from, limit > 0 ? from + Math.trunc(limit) : undefined);
}
