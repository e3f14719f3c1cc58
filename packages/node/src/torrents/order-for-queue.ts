import type { TorrentAction } from "@shoal/api";
import type { Torrent } from "@shoal/engine";

/**
 * The order in which several torrents are moved in the queue, so that they stay in their order among each other. Those
 * that stand at the end already, one behind the other, do not pass each other.
 * @param all In order of the queue.
 */
export function orderForQueue(
  torrents: readonly Torrent[],
  all: readonly Torrent[],
  action: TorrentAction,
): readonly Torrent[] {
  if (!action.startsWith("queue-")) return torrents;
  const asked = new Set(torrents);
  const inOrder = all.filter((torrent) => asked.has(torrent));
  const isBackwards = action === "queue-down" || action === "queue-top";
  if (isBackwards) inOrder.reverse();
  if (action === "queue-top" || action === "queue-bottom") return inOrder;
  const fromEnd = isBackwards ? all.toReversed() : all;
  return inOrder.filter((torrent, index) => fromEnd[index] !== torrent);
}
