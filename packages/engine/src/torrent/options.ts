import type { Endpoint } from "@shoal/runtime";
import type { ShareLimits } from "../session/share-limits.ts";
import type { FileSelector } from "./selection.ts";

/** `sparse`: files take room as they grow. `preallocate`: all of it at once, where the system can do that. */
export type Allocation = "sparse" | "preallocate";

export interface TorrentOptions {
  /** The folder that the torrent's files, or its root folder, lie in. */
  readonly dir: string;
  /**
   * Which files to download, and with what priority: `true` is normal, `false` skips. When absent what
   * an earlier run was told, else what the link asks for (BEP 53), else all. Called when the metadata is known.
   */
  readonly select?: FileSelector;
  /** Pieces in order, instead of rarest first. */
  readonly sequential?: boolean;
  /** The first and last pieces of each file before the rest of it, for players. */
  readonly endsFirst?: boolean;
  /** The session's when absent. */
  readonly allocation?: Allocation;
  readonly downloadLimit?: number | null;
  readonly uploadLimit?: number | null;
  /** Peers to connect to, beside those that trackers name. */
  readonly peers?: readonly Endpoint[];
  /** Tracker URLs by tier, beside the torrent's own. */
  readonly trackers?: readonly (readonly string[])[];
  /** URLs of web seeds (BEP 19), beside the torrent's own. */
  readonly webSeeds?: readonly string[];
  /**
   * Folders in which files that are missing are looked for, by length and hash, before they are fetched.
   * The other torrents of the session are looked at in any case; `false` looks nowhere.
   */
  readonly reuse?: readonly string[] | false;
  /** Learn peers from peers, and tell them of others (BEP 11); as the session when absent. Private torrents never do. */
  readonly peerExchange?: boolean;
  /** Tell each peer of one piece at a time, as the first and only seed should (BEP 16). */
  readonly superSeeding?: boolean;
  /** Hash everything on disk, whatever resume data says. */
  readonly recheck?: boolean;
  /** A category of the session: see `Session.setCategory`. */
  readonly category?: string;
  /** When it has shared enough; what is absent is its category's, or the session's. */
  readonly shareLimits?: ShareLimits;
  /** Added without being started; false when absent. */
  readonly paused?: boolean;
  /** Waits in the session's queue; true when absent. A torrent out of it runs whenever it is not paused. */
  readonly autoManaged?: boolean;
}
