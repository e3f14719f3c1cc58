import type { Sent } from "@shoal/api";
import type { TorrentView } from "../remote/torrent-view.ts";
import { assertScope } from "../rest/assert-allowed.ts";
import { isAbsolutePath } from "../remote/is-absolute-path.ts";
import type { Arguments } from "./arguments.ts";
import { selectTorrents } from "./get-torrents.ts";
import { readLabels } from "./labels.ts";
import type { MethodContext } from "./method.ts";
import { RpcError } from "./rpc-error.ts";
import { setFiles } from "./set-files.ts";
import { setTrackers } from "./set-trackers.ts";
import { KILO, LIMIT_MODE, toKilo } from "./torrent-fields.ts";

type Change = Omit<Sent<"changeTorrent">, "infoHash">;

const MINUTE_MS = 60_000;
/** Below this a rate is exact, and no line is faster. */
const MAX_KILO = 2 ** 40;

/** `torrent_set`. What cannot be changed is refused before anything is. @throws {RpcError} */
export async function setTorrents(
  args: Arguments,
  context: MethodContext,
): Promise<Record<string, unknown>> {
  const { operations, control, ids, caller } = context;
  assertScope("torrents", caller);
  assertFixed(args);
  const views = await selectTorrents(args, context);
  const labels = args.texts("labels");
  const named = labels && (await readLabels(labels, context));
  const group = await readGroup(args, context);
  const location = readLocation(args);
  const place = args.number("queue_position", 0, Number.MAX_SAFE_INTEGER);
  for (const view of views) {
    const { infoHash } = view;
    const change: Change = {
      ...(await readLimits(view, args, context)),
      ...(await readShareLimits(view, args, context)),
      ...(named && { category: named.category }),
      ...(group !== undefined && { category: group }),
      ...(args.flag("sequential_download") !== undefined && {
        sequential: args.flag("sequential_download")!,
      }),
    };
    if (Object.keys(change).length > 0) {
      await operations.call("changeTorrent", { infoHash, ...change });
    }
    if (named) await control.tags.set(infoHash, named.tags);
    if (place !== undefined) control.moveInQueue(infoHash, Math.floor(place));
    await setFiles(view, args, context);
    await setTrackers(view, args, context);
    if (location !== undefined) {
      await operations.call("moveTorrent", { infoHash, folder: location });
    }
    ids.touch(infoHash);
  }
  return {};
}

/** What is always the same here: setting it to that is no harm, setting it to something else would be a lie. */
function assertFixed(args: Arguments): void {
  if ((args.number("bandwidth_priority", -1, 1) ?? 0) !== 0) {
    throw new RpcError("invalid-params", "bandwidth_priority: there is none; use limits.");
  }
  if (args.flag("honors_session_limits") === false) {
    throw new RpcError(
      "invalid-params",
      "honors_session_limits: the session's limits always hold.",
    );
  }
  args.number("peer_limit", 0, 100_000);
}

async function readLimits(
  view: TorrentView,
  args: Arguments,
  { memories }: MethodContext,
): Promise<Change> {
  const change: { downloadLimit?: number | null; uploadLimit?: number | null } = {};
  for (const direction of ["download", "upload"] as const) {
    const given = args.number(`${direction}_limit`, 0, MAX_KILO);
    const isOn = args.flag(`${direction}_limited`);
    if (given === undefined && isOn === undefined) continue;
    const key = `${direction}_limit`;
    const now = view.traits()[`${direction}Limit`];
    const fallback = toKilo(now) ?? memories.recall(view.infoHash, key, 100);
    const kilo = given ?? fallback;
    memories.remember(view.infoHash, key, kilo);
    change[`${direction}Limit`] = (isOn ?? now !== null) ? Math.round(kilo * KILO) : null;
  }
  return change;
}

/** Number and mode come in one call or in two: what is not in force waits. */
async function readShareLimits(
  view: TorrentView,
  args: Arguments,
  { memories }: MethodContext,
): Promise<Change> {
  const parts = [
    { name: "seed_ratio", key: "ratio", unit: 1, fallback: 2 },
    { name: "seed_idle", key: "idleTimeMs", unit: MINUTE_MS, fallback: 30 },
  ] as const;
  let shareLimits: NonNullable<Change["shareLimits"]> | undefined;
  for (const { name, key, unit, fallback } of parts) {
    const given = args.number(`${name}_limit`, 0, 2 ** 31);
    const mode = args.number(`${name}_mode`, LIMIT_MODE.session, LIMIT_MODE.unlimited);
    if (given === undefined && mode === undefined) continue;
    shareLimits ??= { ...view.traits().shareLimits };
    const now = shareLimits[key];
    const isOwn = typeof now === "number";
    const value =
      given ?? (isOwn ? now / unit : memories.recall(view.infoHash, `${name}_limit`, fallback));
    memories.remember(view.infoHash, `${name}_limit`, value);
    if (mode === LIMIT_MODE.session) delete shareLimits[key];
    else if (mode === LIMIT_MODE.unlimited) shareLimits[key] = null;
    else if (mode === LIMIT_MODE.own || isOwn) shareLimits[key] = value * unit;
  }
  return shareLimits === undefined ? {} : { shareLimits };
}

/** Bandwidth groups are categories; one that is new is made. */
async function readGroup(
  args: Arguments,
  { operations }: MethodContext,
): Promise<string | null | undefined> {
  const group = args.text("group", 200);
  if (group === undefined || group === "") return group === "" ? null : undefined;
  const { categories } = await operations.call("listCategories");
  if (!categories.some(({ name }) => name === group)) {
    await operations.call("setCategory", { name: group });
  }
  return group;
}

export function readLocation(args: Arguments): string | undefined {
  const location = args.text("location", 4096);
  if (location !== undefined && !isAbsolutePath(location)) {
    throw new RpcError("path-not-absolute", "new location path is not absolute");
  }
  return location;
}
