import type { Torrent } from "@shoal/engine";
import type { Metainfo } from "@shoal/protocol";
import { type Clock, pause } from "@shoal/runtime";

/** How long a look at a torrent waits for it to wake. */
const WAKE_MS = 3000;

/** The metadata of a torrent, awake or asleep; null while it is missing. */
export async function metainfoOf(torrent: Torrent): Promise<Metainfo | null> {
  try {
    return await torrent.loadMetainfo();
  } catch (error) {
    // A torrent whose metadata is lost is still there, to be removed or added again.
    if ((error as { code?: unknown }).code === "lost-metadata") return null;
    throw error;
  }
}

/** Wakes a torrent to look at it, unless it waits for its turn. Resolves after a while, awake or not. */
export async function rouse(torrent: Torrent, clock: Clock): Promise<void> {
  if (!torrent.isAsleep || torrent.state === "queued" || torrent.state === "error") return;
  const patience = new AbortController();
  const isReady = torrent.whenReady(patience.signal).catch(() => {});
  const isLate = pause(clock, WAKE_MS, patience.signal).catch(() => {});
  await Promise.race([isReady, isLate]);
  patience.abort();
}
