import type { Session, Torrent } from "@shoal/engine";

/** Which torrents of a session have shared enough. */
export interface ShareNotes {
  /** Resolves once the torrent has reached a limit; never when there is none. */
  whenShared(torrent: Torrent): Promise<void>;
  stop(): void;
}

/** Listens from now on: a limit may be reached long before somebody asks. */
export function noteSharing(session: Session): ShareNotes {
  const shared = new Map<Torrent, PromiseWithResolvers<void>>();
  const noteOf = (torrent: Torrent): PromiseWithResolvers<void> => {
    const note = shared.get(torrent) ?? Promise.withResolvers<void>();
    shared.set(torrent, note);
    return note;
  };
  const stop = session.on((event) => {
    if (event.type === "share-limit-reached") noteOf(event.torrent).resolve();
  });
  return { whenShared: (torrent) => noteOf(torrent).promise, stop };
}
