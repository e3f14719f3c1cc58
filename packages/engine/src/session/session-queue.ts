import type { TorrentCore } from "../torrent/torrent-core.ts";
import type { SessionQueue } from "./session.ts";
import type { TorrentRegistry } from "./torrent-registry.ts";

/** The queue as users of a session have it. @param onMoved The place of a torrent is to be kept. */
export function createSessionQueue(
  registry: TorrentRegistry,
  onMoved: (core: TorrentCore) => void,
): SessionQueue {
  const { queue } = registry;
  return {
    get limits() {
      return queue.limits;
    },
    get wanted() {
      return queue.wanted;
    },
    setLimits: (limits) => queue.setLimits(limits),
    positionOf: (torrent) => queue.cores.indexOf(registry.coreOf(torrent)!),
    move: (torrent, to) => {
      const core = registry.coreOf(torrent);
      if (core === undefined) return;
      for (const moved of queue.move(core, to)) {
        registry.touch(moved);
        onMoved(moved);
      }
    },
  };
}
