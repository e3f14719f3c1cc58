import type { Torrent } from "./torrent.ts";

export const STATE_FILTERS = [
  "all",
  "downloading",
  "seeding",
  "active",
  "paused",
  "queued",
  "checking",
  "error",
] as const;
export type StateFilter = (typeof STATE_FILTERS)[number];

/** Whether a torrent belongs under a filter of states. */
export function isInState(torrent: Torrent, filter: StateFilter): boolean {
  switch (filter) {
    case "all":
      return true;
    case "active":
      return torrent.downloadRate > 0 || torrent.uploadRate > 0;
    case "downloading":
      return torrent.state === "downloading" || torrent.state === "metadata";
    case "paused":
      return torrent.state === "paused" || torrent.state === "closed";
    default:
      return torrent.state === filter;
  }
}
