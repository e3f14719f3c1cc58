import type { z } from "zod";
import type { torrentDelta } from "./events.ts";
import type {
  category,
  peer,
  torrentAction,
  torrentChange,
  torrentDetail,
  torrentFile,
  torrentSummary,
  tracker,
  webSeed,
} from "./torrent.ts";

export type TorrentSummary = z.output<typeof torrentSummary>;
export type TorrentDelta = z.output<typeof torrentDelta>;
export type TorrentDetail = z.output<typeof torrentDetail>;
export type TorrentChange = z.output<typeof torrentChange>;
export type TorrentAction = z.output<typeof torrentAction>;
export type TorrentFile = z.output<typeof torrentFile>;
export type TorrentPeer = z.output<typeof peer>;
export type TorrentTracker = z.output<typeof tracker>;
export type TorrentWebSeed = z.output<typeof webSeed>;
export type Category = z.output<typeof category>;
