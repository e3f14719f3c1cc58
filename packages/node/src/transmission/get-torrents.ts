import { TorrentView, viewTorrents } from "../remote/torrent-view.ts";
import { type Arguments, MAX_ARGUMENTS } from "./arguments.ts";
import type { MethodContext } from "./method.ts";
import { spell, toSnake } from "./names.ts";
import { RpcError } from "./rpc-error.ts";
import { type FieldContext, TORRENT_FIELDS } from "./torrent-fields.ts";
import { readIds } from "./torrent-ids.ts";

/** Torrents described at once: their look-ups are under way together. */
const WIDTH = 64;

/** The torrents that a call is about, in order of the queue. @throws {RpcError} `invalid-params` */
export async function selectTorrents(
  args: Arguments,
  context: MethodContext,
): Promise<TorrentView[]> {
  const { ids } = context;
  const selection = readIds(args.raw("ids"), ids);
  if (typeof selection !== "string" && selection.size <= 8)
    return await findFew(selection, context);
  const views = await viewTorrents(context);
  // Whoever is told of all knows their numbers from then on.
  for (const { infoHash } of views) ids.idOf(infoHash);
  if (selection === "all") return views;
  if (selection === "recent") return views.filter((view) => isRecent(view, context));
  return views.filter(({ infoHash }) => selection.has(infoHash));
}

/** A client that asks for one of ten thousand torrents must not have all of them described. */
async function findFew(
  selection: ReadonlySet<string>,
  context: MethodContext,
): Promise<TorrentView[]> {
  const { operations } = context;
  const views: TorrentView[] = [];
  for (const infoHash of selection) {
    if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(infoHash)) continue;
    try {
      views.push(new TorrentView(await operations.call("getTorrent", { infoHash }), context));
    } catch (error) {
      if ((error as { code?: unknown }).code !== "not-found") throw error;
    }
  }
  return views.toSorted((a, b) => a.summary.queuePosition - b.summary.queuePosition);
}

function isRecent({ summary, infoHash }: TorrentView, { ids }: MethodContext): boolean {
  const moves = summary.downloadRate + summary.uploadRate > 0;
  return moves || summary.state === "checking" || ids.isRecent(infoHash);
}

/** `torrent_get`. @throws {RpcError} `invalid-params` */
export async function getTorrents(
  args: Arguments,
  context: MethodContext,
): Promise<Record<string, unknown>> {
  const asked = args.texts("fields", MAX_ARGUMENTS);
  if (asked === undefined) throw new RpcError("invalid-params", "no fields specified");
  const format = args.text("format") ?? "objects";
  const names = [...new Set(asked)].filter((name) => Object.hasOwn(TORRENT_FIELDS, toSnake(name)));
  const views = await selectTorrents(args, context);
  const fieldContext = await describeContext(context);
  const rows: unknown[][] = [];
  for (let from = 0; from < views.length; from += WIDTH) {
    const described = views.slice(from, from + WIDTH).map(async (view) => {
      try {
        const fields = names.map((name) => TORRENT_FIELDS[toSnake(name)]!(view, fieldContext));
        return await Promise.all(fields);
      } catch (error) {
        // It was removed while it was being described.
        if ((error as { code?: unknown }).code === "not-found") return null;
        throw error;
      }
    });
    for (const row of await Promise.all(described)) if (row !== null) rows.push(row);
  }
  const torrents =
    format === "table"
      ? [names, ...rows]
      : rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
  const isRecentOnly = readIds(args.raw("ids"), context.ids) === "recent";
  return { torrents, ...(isRecentOnly && { removed: context.ids.removed }) };
}

async function describeContext(context: MethodContext): Promise<FieldContext> {
  const { settings } = await context.operations.call("getSettings");
  const { dialect, ids, memories, control } = context;
  return {
    dialect,
    ids,
    memories,
    settings,
    nowMs: control.clock.nowMs(),
    tagsOf: (infoHash) => control.tags.of(infoHash),
  };
}

/** The three fields by which an added torrent is told. */
export async function identify(
  infoHash: string,
  { operations, ids, dialect }: MethodContext,
): Promise<Record<string, unknown>> {
  const { name } = await operations.call("getTorrent", { infoHash });
  return {
    id: ids.idOf(infoHash),
    name,
    [spell("hash_string", "torrent", dialect)]: infoHash,
  };
}
