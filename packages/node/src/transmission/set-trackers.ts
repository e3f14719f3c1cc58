import type { TorrentView } from "../remote/torrent-view.ts";
import type { Arguments } from "./arguments.ts";
import type { MethodContext } from "./method.ts";
import { RpcError } from "./rpc-error.ts";

/** As many as the operation takes for a new torrent. */
const MAX_TRACKERS = 100;

/**
 * The trackers of `torrent_set`. They can be added; a list that leaves one out is refused, since a tracker of the torrent
 * itself comes back with it.
 * @throws {RpcError} `invalid-tracker-list` or `set-announce-list`
 */
export async function setTrackers(
  view: TorrentView,
  args: Arguments,
  { operations }: MethodContext,
): Promise<void> {
  const list = args.text("tracker_list")?.split(/\s+/).filter(Boolean);
  const added = [...(args.texts("tracker_add", MAX_TRACKERS) ?? []), ...(list ?? [])];
  const isRemoval = [args.raw("tracker_remove"), args.raw("tracker_replace")].some(
    (value) => Array.isArray(value) && value.length > 0,
  );
  if (added.length === 0 && !isRemoval && list === undefined) return;
  if (added.length > MAX_TRACKERS || !added.every(isTrackerUrl)) {
    throw new RpcError("invalid-tracker-list");
  }
  const known = new Set((await view.trackers()).map(({ url }) => url));
  const isShorter = list !== undefined && [...known].some((url) => !list.includes(url));
  if (isRemoval || isShorter) {
    throw new RpcError("set-announce-list", "Trackers can be added, and not removed or replaced.");
  }
  for (const url of new Set(added)) {
    if (!known.has(url)) await operations.call("addTracker", { infoHash: view.infoHash, url });
  }
}

function isTrackerUrl(url: string): boolean {
  return url.length <= 2048 && /^(?:https?|udp|wss?):$/.test(URL.parse(url)?.protocol ?? "");
}
