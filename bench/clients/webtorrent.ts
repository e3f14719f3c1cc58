import { fileURLToPath } from "node:url";
import type { ChildOptions } from "./child.ts";
import { DrivenPeer } from "./driven-peer.ts";
import { JsonChild } from "./json-child.ts";
import { findModule } from "./npm-module.ts";
import type { PeerJob } from "./peer-job.ts";

const SCRIPT = fileURLToPath(new URL("webtorrent-peer.ts", import.meta.url));

/** @throws {Error} when it is not installed. */
export async function startWebtorrent(job: PeerJob, options: ChildOptions): Promise<DrivenPeer> {
  const module = findModule("webtorrent");
  if (module === null) throw new Error("webtorrent is not in NODE_PATH");
  const args = [SCRIPT, JSON.stringify({ ...job, module })];
  return await DrivenPeer.start(new JsonChild(process.execPath, args, options), job);
}
