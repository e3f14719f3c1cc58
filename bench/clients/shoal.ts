import { fileURLToPath } from "node:url";
import type { ChildOptions } from "./child.ts";
import { DrivenPeer } from "./driven-peer.ts";
import { JsonChild } from "./json-child.ts";
import type { PeerJob } from "./peer-job.ts";

const SCRIPT = fileURLToPath(new URL("shoal-peer.ts", import.meta.url));

/** What `bin/shoal` sets, too, or says to Node. */
export const LAUNCHER_ENV = {
  NODE_OPTIONS: "--max-semi-space-size=16",
  NODE_COMPILE_CACHE:
    process.env["NODE_COMPILE_CACHE"] ??
    fileURLToPath(new URL("../../node_modules/.cache/shoal", import.meta.url)),
} as const;

/**
 * Starts a peer made of the engine, on Node as `bin/shoal` starts it.
 * @param nodeOptions For Node itself, such as `--cpu-prof`.
 */
export async function startShoal(
  job: PeerJob,
  options: ChildOptions,
  nodeOptions: readonly string[] = [],
): Promise<DrivenPeer> {
  const args = [...nodeOptions, SCRIPT, JSON.stringify(job)];
  const child = new JsonChild(process.execPath, args, { ...options, env: LAUNCHER_ENV });
  return await DrivenPeer.start(child, job);
}
