import type { Metainfo } from "@shoal/protocol";
import type { TorrentOptions } from "../torrent/options.ts";
import type { TorrentServices } from "../torrent/services.ts";
import { findReuseSources, type ReuseSources } from "./reuse-sources.ts";

/** What may hold a torrent's files already; null when its user wants none of it. @throws {DiskError} */
export async function findReusable(
  metainfo: Metainfo,
  reuse: TorrentOptions["reuse"],
  services: TorrentServices,
): Promise<ReuseSources | null> {
  if (reuse === false) return null;
  const torrents = [...services.otherTorrents(metainfo)];
  const { disk } = services.runtime;
  return await findReuseSources({ metainfo, torrents, folders: reuse ?? [], disk });
}
