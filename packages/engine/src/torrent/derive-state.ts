import type { TorrentSummary } from "./entry.ts";
import type { TorrentState } from "./status.ts";
import { isMetainfo, type TorrentSource } from "./source.ts";

/** What a torrent's state follows from. */
export interface StateFacts {
  readonly life: { readonly error: Error | null };
  readonly settings: { readonly paused: boolean };
  readonly isAdmitted: boolean;
  readonly isComplete: boolean;
  readonly active: { readonly stage: TorrentState } | null;
  readonly summary: TorrentSummary;
}

/** The state of a torrent that is not closed. @param source Null while the session's list alone has it. */
export function deriveState(facts: StateFacts, source: TorrentSource | null): TorrentState {
  const { life, settings, isAdmitted, isComplete, active } = facts;
  if (life.error !== null) return "error";
  if (settings.paused) return "paused";
  if (!isAdmitted) return "queued";
  if (isComplete) return "seeding";
  if (active !== null) return active.stage;
  const isKnown = source === null ? facts.summary.pieceCount > 0 : isMetainfo(source);
  return isKnown ? "checking" : "metadata";
}
