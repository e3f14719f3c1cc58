import { fileURLToPath } from "node:url";
import { type ChildOptions, run } from "./child.ts";
import { DrivenPeer } from "./driven-peer.ts";
import { JsonChild } from "./json-child.ts";
import type { PeerJob } from "./peer-job.ts";

/** Debian's Python, which has Debian's libtorrent. */
export const PYTHON = "/usr/bin/python3";

const PEER = fileURLToPath(new URL("libtorrent-peer.py", import.meta.url));

/** Arguments: source, torrent file, version, piece length. */
export const LIBTORRENT_CREATE = fileURLToPath(new URL("libtorrent-create.py", import.meta.url));

/** Arguments: torrent file, folder. */
export const LIBTORRENT_VERIFY = fileURLToPath(new URL("libtorrent-verify.py", import.meta.url));

/** Starts a libtorrent peer; it is ready once what is on its disk was checked. */
export async function startLibtorrent(job: PeerJob, options: ChildOptions): Promise<DrivenPeer> {
  return await DrivenPeer.start(new JsonChild(PYTHON, [PEER, JSON.stringify(job)], options), job);
}

/** Makes a torrent of a file or folder. */
export async function createWithLibtorrent(
  source: string,
  torrent: string,
  version: "v1" | "v2" | "hybrid",
  pieceLengthBytes: number,
): Promise<void> {
  await run(PYTHON, LIBTORRENT_CREATE, source, torrent, version, String(pieceLengthBytes));
}
