import type { TorrentCore } from "./torrent-core.ts";

/** Closes a torrent, and then removes its files or what is hidden of them. @throws {DiskError} */
export async function removeTorrent(
  core: TorrentCore,
  what: "everything" | "part-file",
): Promise<void> {
  // Where the files lie, the parts that work know.
  const active = core.active ?? (await core.wake().catch(() => null));
  await core.close();
  const metainfo = active?.metadata.metainfo ?? null;
  if (active !== null && metainfo !== null)
    await active.relocation.remove(metainfo, active.choices, what);
}
