import type { FilePriority, ShareAction } from "@shoal/engine";
import type { Magnet, Metainfo } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";

/** What names a torrent: a torrent file's bytes, or a magnet link, an infohash in hex, or an http(s) URL of a torrent file. */
export type SourceName = Uint8Array | string | Metainfo | Magnet;

/** When a torrent has shared enough, as callers say it. Absent: as its category, or the settings, say. */
export interface ShareLimitsWish {
  readonly ratio?: number | null | undefined;
  readonly seedTimeMs?: number | null | undefined;
  readonly idleTimeMs?: number | null | undefined;
  readonly action?: ShareAction | undefined;
}

/** A torrent to be added. What is absent is its category's, or the settings'. */
export interface Addition {
  readonly source: SourceName;
  /** Absolute, or below the folder of downloads. */
  readonly folder?: string | undefined;
  readonly category?: string | undefined;
  readonly paused?: boolean | undefined;
  readonly sequential?: boolean | undefined;
  readonly endsFirst?: boolean | undefined;
  readonly autoManaged?: boolean | undefined;
  /** Hash everything that lies in the folder already. */
  readonly recheck?: boolean | undefined;
  /** Bytes per second; null for no limit. */
  readonly downloadLimit?: number | null | undefined;
  readonly uploadLimit?: number | null | undefined;
  readonly shareLimits?: ShareLimitsWish | undefined;
  /** By place of a file: 0 skips it, 4 is normal, 7 comes first. */
  readonly priorities?: ReadonlyMap<number, FilePriority> | undefined;
  /** Each in a tier of its own, beside the torrent's own. */
  readonly trackers?: readonly string[] | undefined;
  readonly webSeeds?: readonly string[] | undefined;
  readonly peers?: readonly Endpoint[] | undefined;
}

/** Defined entries alone: an absent option and one that is undefined mean the same to callers, not to the engine. */
export function withoutUndefined<T extends object>(
  value: T,
): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> };
}
