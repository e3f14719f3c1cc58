import type { ShareLimits } from "@shoal/engine";
import type { ImportFailure } from "./import-failure.ts";

/** What another client knows of a torrent, as far as Shoal can take it over. */
export interface ImportedTorrent {
  /** What it is called in messages, before anything is known of it. */
  readonly label: string;
  /** A torrent file's bytes, or a magnet link where only that is known. */
  readonly source: Uint8Array | string;
  /** The folder that its file, or its root folder, lies in; null where nothing says so. */
  readonly folder: string | null;
  readonly paused: boolean;
  readonly category: string | null;
  readonly tags: readonly string[];
  /** Bytes per second; null for no limit. */
  readonly downloadLimit: number | null;
  readonly uploadLimit: number | null;
  readonly shareLimits: ShareLimits;
  readonly autoManaged: boolean;
  readonly sequential: boolean;
  readonly endsFirst: boolean;
  readonly superSeeding: boolean;
  /** The engine's, by place of the file; empty where all are normal. */
  readonly priorities: readonly number[];
  /** Paths that the user gave files, by place; empty where none has another. */
  readonly paths: readonly (readonly string[] | null)[];
  /** By tier. */
  readonly trackers: readonly (readonly string[])[];
  readonly webSeeds: readonly string[];
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  /** What it says is verified: all, nothing, or a bit for each piece or each block of 16 KiB, the first in the highest. */
  readonly have: "all" | "none" | { readonly unit: "piece" | "block"; readonly bits: Uint8Array };
  /**
   * When each file was last known to agree with that, in milliseconds since 1970; a file that was changed later is hashed
   * again. One number stands for all files. 0: never.
   */
  readonly verifiedAtMs: readonly number[] | number;
  /** Lower comes first. */
  readonly place: number;
}

/** A category, or what comes nearest to one. */
export interface ImportedCategory {
  readonly name: string;
  readonly folder: string | null;
}

/** What a folder of another client holds. */
export interface ImportedFolder {
  readonly torrents: readonly ImportedTorrent[];
  readonly categories: readonly ImportedCategory[];
  /** What could not be read, and why. */
  readonly failed: readonly ImportFailure[];
}
