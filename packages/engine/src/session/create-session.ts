import { EngineSession } from "./engine-session.ts";
import type { SessionOptions } from "./session-options.ts";
import type { Session } from "./session.ts";

/**
 * Opens a session: a listening port, and the torrents that share it, its limits and its rules.
 * @throws {NetError} when the port cannot be listened on; {StoreError} when resume data cannot be opened.
 */
export async function createSession(options: SessionOptions): Promise<Session> {
  options.signal?.throwIfAborted();
  const session = new EngineSession(options);
  try {
    await session.open();
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}
