import { fileURLToPath } from "node:url";
import type { ChildOptions } from "./child.ts";
import { DrivenPeer } from "./driven-peer.ts";
import { JsonChild } from "./json-child.ts";
import type { PeerJob } from "./peer-job.ts";

const SCRIPT = fileURLToPath(new URL("shoal-peer.ts", import.meta.url));

/**
 * Starts a peer made of the engine, as a program that uses it as a library would.
 * @param nodeOptions For Node itself, such as `--cpu-prof`.
 */
export async function startShoal(
  job: PeerJob,
  options: ChildOptions,
  nodeOptions: readonly string[] = [],
): Promise<DrivenPeer> {
  const args = [...nodeOptions, SCRIPT, JSON.stringify(job)];
  return await DrivenPeer.start(new JsonChild(process.execPath, args, options), job);
}
