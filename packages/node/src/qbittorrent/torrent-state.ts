import type { TorrentView } from "../remote/torrent-view.ts";

/** States of the API of 5.0, in which torrents are stopped and not paused any more. */
export type QbState =
  | "error"
  | "uploading"
  | "stoppedUP"
  | "queuedUP"
  | "stalledUP"
  | "checkingUP"
  | "forcedUP"
  | "downloading"
  | "metaDL"
  | "forcedMetaDL"
  | "stoppedDL"
  | "queuedDL"
  | "stalledDL"
  | "checkingDL"
  | "forcedDL"
  | "moving"
  | "unknown";

/** @param isForced Runs whatever the queue says. */
export function toState(
  { summary, isComplete }: Pick<TorrentView, "summary" | "isComplete">,
  { isForced, isMoving }: { readonly isForced: boolean; readonly isMoving: boolean },
): QbState {
  const side = isComplete ? "UP" : "DL";
  switch (summary.state) {
    case "error":
      return "error";
    case "paused":
      return `stopped${side}`;
    case "queued":
      return `queued${side}`;
    case "checking":
      return `checking${side}`;
    case "metadata":
      return isForced ? "forcedMetaDL" : "metaDL";
    case "downloading":
      if (isMoving) return "moving";
      if (isForced) return "forcedDL";
      return summary.downloadRate > 0 ? "downloading" : "stalledDL";
    case "seeding":
      if (isMoving) return "moving";
      if (isForced) return "forcedUP";
      return summary.uploadRate > 0 ? "uploading" : "stalledUP";
    default:
      return "unknown";
  }
}

const STOPPED = ["stoppedUP", "stoppedDL"];
const STALLED_UP = ["stalledUP"];
const STALLED_DL = ["stalledDL", "metaDL", "forcedMetaDL"];

/** What the filters of `torrents/info` let through. @returns null for a name that is none. */
export function stateFilter(
  name: string,
): ((torrent: { state: string; dlspeed: number; upspeed: number }) => boolean) | null {
  switch (name) {
    case "all":
      return () => true;
    case "downloading":
      return ({ state }) => state === "downloading" || state.endsWith("DL");
    case "seeding":
      return ({ state }) =>
        ["uploading", "stalledUP", "forcedUP", "queuedUP", "checkingUP"].includes(state);
    case "completed":
      return ({ state }) => state === "uploading" || state.endsWith("UP");
    case "stopped":
    case "paused":
      return ({ state }) => STOPPED.includes(state);
    case "running":
    case "resumed":
      return ({ state }) => !STOPPED.includes(state);
    case "active":
      return isActive;
    case "inactive":
      return (torrent) => !isActive(torrent);
    case "stalled":
      return ({ state }) => STALLED_UP.includes(state) || STALLED_DL.includes(state);
    case "stalled_uploading":
      return ({ state }) => STALLED_UP.includes(state);
    case "stalled_downloading":
      return ({ state }) => STALLED_DL.includes(state);
    case "checking":
      return ({ state }) => state.startsWith("checking");
    case "moving":
      return ({ state }) => state === "moving";
    case "errored":
      return ({ state }) => state === "error";
    default:
      return null;
  }
}

function isActive({ dlspeed, upspeed }: { dlspeed: number; upspeed: number }): boolean {
  return dlspeed > 0 || upspeed > 0;
}
