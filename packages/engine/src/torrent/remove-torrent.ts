import type { ActiveTorrent } from "./active-torrent.ts";
import { openStorage } from "./prepare-transfer.ts";
import type { TorrentCore } from "./torrent-core.ts";

/** Closes a torrent, and then removes its files or what is hidden of them. @throws {DiskError} */
export async function removeTorrent(
  core: TorrentCore,
  what: "everything" | "part-file",
): Promise<void> {
  // Where the files lie, the parts that work know.
  const active = core.active ?? (await core.wake().catch(() => null));
  await core.close();
  if (active !== null) await removeFiles(core, active, what);
}

async function removeFiles(
  core: TorrentCore,
  { metadata, choices }: ActiveTorrent,
  what: "everything" | "part-file",
): Promise<void> {
  const { metainfo } = metadata;
  if (metainfo === null) return;
  const { infoHash, services } = core;
  const { dir } = core.options;
  const { disk } = services.runtime;
  const storage = await openStorage({ metainfo, infoHash, dir, disk, choices });
  try {
    await storage.remove(what);
  } finally {
    await storage.close();
  }
  if (what === "everything") await services.resume?.forget(infoHash, dir);
}
