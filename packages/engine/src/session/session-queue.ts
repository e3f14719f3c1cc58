import type { Torrent } from "../torrent/torrent.ts";
import type { TorrentCore } from "../torrent/torrent-core.ts";
import type { SessionQueue } from "./session.ts";
import type { TorrentQueue } from "./torrent-queue.ts";

/** The queue as users of a session have it. @param onMoved The place of a torrent is to be kept. */
export function createSessionQueue(
  queue: TorrentQueue,
  cores: ReadonlyMap<Torrent, TorrentCore>,
  onMoved: (core: TorrentCore) => void,
): SessionQueue {
  return {
    get limits() {
      return queue.limits;
    },
    setLimits: (limits) => queue.setLimits(limits),
    positionOf: (torrent) => queue.cores.indexOf(cores.get(torrent)!),
    move: (torrent, to) => {
      const core = cores.get(torrent);
      if (core !== undefined) queue.move(core, to).forEach(onMoved);
    },
  };
}
