/**
 * `idle`: nothing is wanted of it. `active`: requests are under way. `waiting`: it failed, or is busy,
 * and is asked again later. `failed`: it has nothing of this torrent. `banned`: it sent bad data.
 */
export type WebSeedState = "idle" | "active" | "waiting" | "failed" | "banned";

/** One web seed of a torrent (BEP 19), as it is now. */
export interface WebSeedStatus {
  readonly url: string;
  readonly state: WebSeedState;
  /** Requests under way. */
  readonly connections: number;
  /** Bytes per second over the last seconds. */
  readonly downloadRate: number;
  /** Payload of this run. */
  readonly downloadedBytes: number;
  /** Files that it was found not to have. */
  readonly missingFiles: number;
  /** The last thing that went wrong: a sentence about "it"; null when all is well. */
  readonly error: string | null;
  /** Seconds until it is asked again; null unless `waiting`. */
  readonly retryInS: number | null;
}
