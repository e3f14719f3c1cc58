import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { ChildOptions } from "./child.ts";
import { DrivenPeer } from "./driven-peer.ts";
import { JsonChild } from "./json-child.ts";
import type { PeerJob } from "./peer-job.ts";

const SCRIPT = fileURLToPath(new URL("webtorrent-peer.ts", import.meta.url));

/** Where npm put webtorrent: in NODE_PATH, when somebody installed it to compare with. */
export function findWebtorrent(): string | null {
  const paths = (process.env["NODE_PATH"] ?? "").split(":").filter((path) => path !== "");
  try {
    return createRequire(import.meta.url).resolve("webtorrent", { paths });
  } catch {
    return null;
  }
}

/** @throws {Error} when it is not installed. */
export async function startWebtorrent(job: PeerJob, options: ChildOptions): Promise<DrivenPeer> {
  const module = findWebtorrent();
  if (module === null) throw new Error("webtorrent is not in NODE_PATH");
  const args = [SCRIPT, JSON.stringify({ ...job, module })];
  return await DrivenPeer.start(new JsonChild(process.execPath, args, options), job);
}
