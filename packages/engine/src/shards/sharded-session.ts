import type { Clock, Log, Threads } from "@shoal/runtime";
import type { DirectionLimits } from "../rate/limit-tree.ts";
import type { ConnectionPlaces } from "../session/connections.ts";
import type { QueueLimits } from "../session/plan-queue.ts";
import type { CategoryOptions, SessionEvent } from "../session/session.ts";
import type { ShareLimits } from "../session/share-limits.ts";
import type { SpeedSchedule } from "../session/speed-schedule.ts";
import type { QueueMove } from "../session/torrent-queue.ts";
import type { TorrentStatus } from "../torrent/status.ts";
import type { RemoteTorrent } from "./remote-torrent.ts";
import type { EventOf, RemoteTorrentOptions, SharedOptions } from "./shard-protocol.ts";

/** As for a session, where the meaning is the same. Without what cannot go to another thread: functions. */
export interface ShardedSessionOptions extends SharedOptions {
  /** Of this thread: the clock by which limits are divided, and the log. */
  readonly runtime: { readonly clock: Clock; readonly log: Log };
  /** `createThreads()`: with the file of the store, without which a worker that dies loses its torrents. */
  readonly threads: Threads;
  /** 1 to 64. One for each core or two; each is a session with a pool, sockets and threads of its own. */
  readonly workers: number;
  /** The first of as many ports in a row as there are workers; 0, the default, takes free ones. */
  readonly port?: number;
  /** Bytes per second of all workers together; null, the default, for no limit. */
  readonly downloadLimit?: number | null;
  readonly uploadLimit?: number | null;
  readonly schedule?: SpeedSchedule;
  /** Connections at once, of all workers together; 500 when absent. */
  readonly maxPeers?: number;
  /** How many torrents work at once, in all workers together: see {@link ShardedSession.queue}. */
  readonly queue?: QueueLimits;
  /** Closes the session when it is aborted. */
  readonly signal?: AbortSignal;
}

/** As a session's queue. Each worker has its torrents in an order; among workers places go by how many want one. */
export interface ShardedQueue {
  readonly limits: QueueLimits;
  /** Resolves once no more torrents work than that; those that may begin to do so within a second. */
  setLimits(limits: QueueLimits): Promise<void>;
  /** Moves a torrent among those of its worker. @throws {RangeError} for a place that is none. */
  move(torrent: RemoteTorrent, to: QueueMove): Promise<void>;
}

/** Those of a session, and what becomes of workers. */
export type ShardedSessionEvent =
  | EventOf<SessionEvent, RemoteTorrent>
  /** It is started again with its torrents. What it was asked and has not answered fails. */
  | { readonly type: "worker-died"; readonly worker: number; readonly error: Error }
  /** Its torrents are back; those that are not were removed, and an event of their own said so before. */
  | { readonly type: "worker-restarted"; readonly worker: number; readonly port: number };

/** One worker, as it is now. */
export interface WorkerStatus {
  /** 0 while it has never been up. */
  readonly port: number;
  readonly isUp: boolean;
  readonly torrents: number;
}

/** A session whose torrents are divided among threads. See `Session`; what differs is said here. */
export interface ShardedSession {
  /** By worker. A peer that calls another worker's port finds no torrent there. */
  readonly workers: readonly WorkerStatus[];
  /** In the order in which this thread heard of them. */
  readonly torrents: readonly RemoteTorrent[];
  /** `count` is as of the last second, and `setMost` takes effect within one. */
  readonly connections: ConnectionPlaces;
  readonly queue: ShardedQueue;
  /**
   * Adds a torrent and starts it, in the worker that its infohash says. Resolves once a killed session would have it again.
   * @throws as `Session.add`; {SessionError} `worker-died`; {Error} for options that cannot be cloned.
   */
  add(source: Uint8Array | string, options: RemoteTorrentOptions): Promise<RemoteTorrent>;
  remove(torrent: RemoteTorrent, options?: { readonly deleteFiles?: boolean }): Promise<void>;
  /** @param infoHash Hex of a v1 or v2 infohash. */
  find(infoHash: string): RemoteTorrent | undefined;
  /** Of all torrents, with one message to each worker. */
  status(): Promise<readonly TorrentStatus[]>;
  /** Of all workers together: see `LimitDivider`. Resolves once all of them keep to it. @throws {RangeError} */
  setLimits(limits: DirectionLimits): Promise<void>;
  setSchedule(schedule: SpeedSchedule | null): Promise<void>;
  setShareLimits(limits: ShareLimits): Promise<void>;
  readonly categories: readonly string[];
  /** Resolves once all workers together keep to its limits. @throws {RangeError} */
  setCategory(name: string, options?: CategoryOptions): Promise<void>;
  removeCategory(name: string): Promise<void>;
  on(listener: (event: ShardedSessionEvent) => void): () => void;
  /** The events from now on, until the session is closed or `signal` is aborted. */
  events(signal?: AbortSignal): AsyncIterableIterator<ShardedSessionEvent>;
  /** Closes all torrents in order, and ends the threads. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
