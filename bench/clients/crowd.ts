import { fileURLToPath } from "node:url";
import type { Endpoint } from "@shoal/runtime";
import type { ChildOptions } from "./child.ts";
import { DrivenPeer } from "./driven-peer.ts";
import { JsonChild } from "./json-child.ts";
import type { PeerJob } from "./peer-job.ts";
import { LAUNCHER_ENV } from "./shoal.ts";

const SCRIPT = fileURLToPath(new URL("shoal-crowd.ts", import.meta.url));

export interface CrowdJob extends PeerJob {
  /** How many peers. */
  readonly count: number;
  /** They share the data in `dir`; otherwise each downloads into a folder below it. */
  readonly seed: boolean;
}

/** Starts many peers in one process, to be the others of one that is measured. */
export async function startCrowd(
  job: CrowdJob,
  options: ChildOptions,
): Promise<{ crowd: DrivenPeer; endpoints: Endpoint[] }> {
  const args = [SCRIPT, JSON.stringify(job)];
  const child = new JsonChild(process.execPath, args, { ...options, env: LAUNCHER_ENV });
  const crowd = await DrivenPeer.start(child, job);
  const { ports } = await child.waitForEvent("ready");
  const { address } = crowd.endpoint;
  return { crowd, endpoints: (ports as number[]).map((port) => ({ address, port })) };
}
