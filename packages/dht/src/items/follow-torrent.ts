import { toHex } from "@shoal/protocol";
import { type Clock, pause, type Random } from "@shoal/runtime";
import type { MutableItem } from "./get-item.ts";
import { decodeTorrentItem } from "./torrent-item.ts";

/** Between two looks when something was found. */
export const DEFAULT_POLL_MS = 5 * 60_000;
/** The first pause when nothing was found; each is twice the one before, up to the usual one. */
const FIRST_PAUSE_MS = 15_000;
/** Items are put again every hour, by readers too (BEP 44, 46). */
export const REPUBLISH_MS = 60 * 60_000;

/** A torrent under a key, in one of its versions. */
export interface FollowedTorrent {
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  /** The item that names it. */
  readonly item: MutableItem;
}

export interface FollowOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly pollMs: number;
  readonly signal: AbortSignal;
  /** The newest version that is found, and whether enough nodes have it. */
  readonly look: () => Promise<{ item: MutableItem | null; isWellKept: boolean }>;
  /** Puts a version again that too few nodes have. Never throws but for the signal. */
  readonly putAgain: (item: MutableItem) => Promise<void>;
  readonly onTorrent: (torrent: FollowedTorrent) => void;
}

/**
 * Watches a torrent under a key: tells of the newest version and of each later one with another
 * infohash. An older version, which some node may still have, is passed over.
 * @throws the signal's reason when it fires: there is no other end.
 * @see BEP 46
 */
export async function followTorrent(options: FollowOptions): Promise<never> {
  const { clock, random, pollMs, signal, look, putAgain, onTorrent } = options;
  let newest: MutableItem | null = null;
  let toldOf: string | null = null;
  let pauseMs = Math.min(FIRST_PAUSE_MS, pollMs);
  let putAgainAtMs = clock.monotonicMs() + REPUBLISH_MS;
  for (;;) {
    const { item, isWellKept } = await look();
    if (item !== null && (newest === null || item.seq > newest.seq)) {
      newest = item;
      const infoHash = decodeTorrentItem(item.value);
      if (infoHash !== null && toldOf !== toHex(infoHash)) {
        toldOf = toHex(infoHash);
        onTorrent({ infoHash, item });
      }
    }
    if (newest !== null && clock.monotonicMs() >= putAgainAtMs) {
      putAgainAtMs = clock.monotonicMs() + REPUBLISH_MS;
      if (!isWellKept) await putAgain(newest);
    }
    pauseMs = newest === null ? Math.min(pauseMs * 2, pollMs) : pollMs;
    // A tenth more or less, so that all who follow a key do not ask at once.
    await pause(clock, pauseMs * (0.9 + random.integer(201) / 1000), signal);
  }
}
