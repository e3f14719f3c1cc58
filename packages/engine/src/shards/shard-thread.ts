import type { ThreadContext } from "@shoal/runtime";
import { serveShard } from "./serve-shard.ts";

/** What a worker's thread runs. */
export async function main(context: ThreadContext): Promise<void> {
  await serveShard(context);
}
