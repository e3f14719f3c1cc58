import { assertShareLimits, type ShareLimits } from "../session/share-limits.ts";
import type { TorrentOptions } from "./options.ts";

/** What users change of a torrent while it is in the session. */
export interface TorrentSettings {
  paused: boolean;
  autoManaged: boolean;
  superSeeding: boolean;
  category: string | null;
  shareLimits: ShareLimits;
  /** Bytes per second; null for no limit. */
  downloadLimit: number | null;
  uploadLimit: number | null;
  /** For the next time that its files are opened. After it the resume data has them. */
  wishes: Wishes;
}

/** How a torrent's files are to be opened. Absent: as the resume data says. */
export type Wishes = Pick<TorrentOptions, "recheck" | "select" | "sequential" | "endsFirst">;

/** The settings that a torrent starts with. @throws {RangeError} for limits that are none. */
export function settingsOf(options: TorrentOptions): TorrentSettings {
  const { shareLimits = {} } = options;
  assertShareLimits(shareLimits);
  return {
    paused: options.paused ?? false,
    autoManaged: options.autoManaged ?? true,
    superSeeding: options.superSeeding ?? false,
    category: options.category ?? null,
    shareLimits,
    downloadLimit: options.downloadLimit ?? null,
    uploadLimit: options.uploadLimit ?? null,
    wishes: options,
  };
}
