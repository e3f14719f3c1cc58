import { settings, type Settings } from "@shoal/api";
import { createSession, type SessionOptions } from "@shoal/engine";
import type { SimHost } from "@shoal/runtime/sim";
import { Torrents } from "../torrents/torrents.ts";
import type { MadeTorrent } from "./make-torrent.ts";

/** The torrents of a daemon on a simulated host. */
export async function openTorrents(
  host: SimHost,
  options: Partial<SessionOptions> = {},
  current: Settings = settings.parse({}),
): Promise<Torrents> {
  const session = await createSession({
    runtime: host,
    restore: true,
    port: 6881,
    host: host.address,
    ...options,
  });
  const init = { runtime: host, settings: { current }, defaultFolder: "/downloads" };
  return await Torrents.open({ ...init, session });
}

/** Puts a torrent's files where its download folder is. */
export function placeFiles(host: SimHost, { files }: MadeTorrent, folder = "/downloads"): void {
  for (const { path, content } of files) host.files.write([folder, ...path].join("/"), content);
}
