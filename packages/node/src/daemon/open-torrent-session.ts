import type { Settings } from "@shoal/api";
import { createSession, type Session, type SessionOptions } from "@shoal/engine";
import { NetError, type Runtime } from "@shoal/runtime";
import type { NodeState } from "./node-state.ts";
import { restingOptionsOf, sessionOptionsOf } from "./session-options.ts";

const PORT = "peer-port";

/**
 * Opens the daemon's session with the torrents of earlier runs. A port that was not chosen stays the same over restarts,
 * as routers and trackers like it, unless another program has taken it.
 * @param more What layers above the engine put in.
 * @throws {NetError} when a port that was chosen is taken; {StoreError}.
 */
export async function openTorrentSession(init: {
  readonly settings: Settings;
  readonly runtime: Runtime;
  readonly state: NodeState;
  readonly isAtRest?: boolean;
  readonly more?: Partial<SessionOptions>;
}): Promise<Session> {
  const { settings, runtime, state, isAtRest = false, more } = init;
  if (isAtRest) return await createSession({ ...restingOptionsOf(settings, runtime), ...more });
  const chosen = settings.network.port;
  const port = chosen === 0 ? Number((await state.get(PORT)) ?? 0) : chosen;
  const open = async (at: number): Promise<Session> =>
    await createSession({ ...sessionOptionsOf(settings, { runtime, port: at }), ...more });
  let session: Session;
  try {
    session = await open(port);
  } catch (error) {
    const isTaken = error instanceof NetError && error.code === "address-in-use";
    if (!isTaken || chosen !== 0 || port === 0) throw error;
    runtime.log.warn("the port for peers is taken by another program: a free one is used", {
      port,
    });
    session = await open(0);
  }
  if (chosen === 0 && session.port !== port) await state.set(PORT, String(session.port));
  return session;
}
