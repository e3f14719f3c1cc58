import { ShardDirector } from "./shard-director.ts";
import type { ShardedSession, ShardedSessionOptions } from "./sharded-session.ts";

/**
 * Opens a session in each of so many threads. The torrents of earlier runs are back then, each in its worker,
 * whatever the number of workers was.
 * @throws {RangeError} for a number of workers, ports or limits that is not possible; {NetError} when a port cannot
 * be listened on; {StoreError}. Nothing is left running then.
 */
export async function createShardedSession(
  options: ShardedSessionOptions,
): Promise<ShardedSession> {
  options.signal?.throwIfAborted();
  const session = new ShardDirector(options);
  try {
    await session.open();
    options.signal?.throwIfAborted();
  } catch (error) {
    await session.close();
    options.signal?.throwIfAborted();
    throw error;
  }
  return session;
}
