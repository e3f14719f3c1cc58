import type { Runtime } from "@shoal/runtime";
import { describeInFull } from "../torrents/describe-torrent.ts";
import type { Torrents } from "../torrents/torrents.ts";
import type { RemoteControl, TorrentChange } from "./remote-control.ts";
import { TAGS_SCHEMA, TorrentTags } from "./torrent-tags.ts";

export interface RemoteControlInit {
  readonly torrents: Torrents;
  readonly runtime: Pick<Runtime, "clock" | "disk" | "log" | "random" | "store">;
  readonly startedAtMs: number;
  /** Begins to stop the daemon. */
  readonly stop: () => void;
}

const CHANGES: Readonly<Record<string, TorrentChange>> = {
  "torrent-added": "added",
  "torrent-removed": "removed",
};

/**
 * What the interfaces of other clients need beside the operations. To be closed before the session is, whose torrents all go
 * then: none of that is a removal.
 * @throws {StoreError}
 */
export async function createRemoteControl(
  init: RemoteControlInit,
): Promise<RemoteControl & { close(): void }> {
  const { torrents, runtime, startedAtMs, stop } = init;
  const { clock, disk, log, random, store } = runtime;
  const tags = await TorrentTags.open(await store.open(TAGS_SCHEMA));
  const ends: (() => void)[] = [];
  const control: RemoteControl & { close(): void } = {
    clock,
    randomBytes: (length) => random.bytes(length),
    tags,
    startedAtMs,
    runTotals(infoHash) {
      const status = torrents.session.find(infoHash)?.status();
      return status ?? { downloadedBytes: 0, uploadedBytes: 0 };
    },
    glance(infoHash) {
      const torrent = torrents.session.find(infoHash);
      if (torrent === undefined) return null;
      return describeInFull(torrent, torrents.summary(torrent).queuePosition, torrent.metainfo);
    },
    moveInQueue(infoHash, place) {
      const torrent = torrents.find(infoHash);
      const last = torrents.session.torrents.length - 1;
      torrents.session.queue.move(torrent, Math.min(place, last));
      torrents.board.touch();
    },
    async renameFolder(infoHash, from, to) {
      await torrents.find(infoHash).renameFolder(from, to);
    },
    freeBytes: (folder) => disk.freeBytes(folder),
    onTorrent(listener) {
      const end = torrents.on((event) => {
        if ("torrent" in event) {
          listener(CHANGES[event.type] ?? "changed", event.torrent.infoHash);
        }
      });
      ends.push(end);
    },
    stop,
    report: (event, error) => log.warn(event, { error }),
    close() {
      for (const end of ends) end();
    },
  };
  control.onTorrent((change, infoHash) => {
    if (change !== "removed") return;
    tags.forget(infoHash).catch((error: unknown) => control.report("tags: not forgotten", error));
  });
  return control;
}
