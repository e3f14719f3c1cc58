import type { Answer } from "@shoal/api";
import type { Clock } from "@shoal/runtime";
import type { Caller } from "../access/caller.ts";
import type { Operations } from "./operations.ts";
import type { TorrentTags } from "./torrent-tags.ts";

/** What happens to torrents, for those who answer with differences. */
export type TorrentChange = "added" | "changed" | "removed";

/** What other clients can do that REST has no operation for. */
export interface RemoteControl {
  readonly clock: Clock;
  /** Fills an array with randomness fit for secrets. */
  randomBytes(length: number): Uint8Array;
  readonly tags: TorrentTags;
  /** When the daemon started, in milliseconds since 1970. */
  readonly startedAtMs: number;
  /** Payload of a torrent in this run of the daemon; nothing of one that is not here. */
  runTotals(infoHash: string): { readonly downloadedBytes: number; readonly uploadedBytes: number };
  /**
   * A torrent as `getTorrent` tells it, at once: of one that sleeps without what only its metadata says (`contentPath`,
   * `comment`, `createdBy`, `createdAtMs`, `pieceLengthBytes`). Null when there is none.
   */
  glance(infoHash: string): Answer<"getTorrent"> | null;
  /** Puts a torrent at a place of the queue, from 0. @throws {RangeError} */
  moveInQueue(infoHash: string, place: number): void;
  /** Gives a folder within a torrent another path. @throws {RangeError}; {TorrentError}; {DiskError}. */
  renameFolder(infoHash: string, from: string, to: string): Promise<void>;
  /** Bytes that can be written below a folder. @throws {DiskError} */
  freeBytes(folder: string): Promise<number>;
  /** Calls a listener for each change, until the daemon stops. */
  onTorrent(listener: (change: TorrentChange, infoHash: string) => void): void;
  /** Begins to stop the daemon. */
  stop(): void;
  /** Writes down a failure that nobody waits for any more. */
  report(event: string, error: unknown): void;
}

/** What one request is answered with: no more than its caller may. */
export interface RemoteCall {
  readonly caller: Caller;
  readonly operations: Operations;
  readonly control: RemoteControl;
}
