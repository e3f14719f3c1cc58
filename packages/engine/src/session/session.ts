import type { Dht } from "@shoal/dht";
import type { Magnet, Metainfo } from "@shoal/protocol";
import type { UtpCounters } from "@shoal/utp";
import type { DiscoveryStatus } from "../discovery/discovery.ts";
import type { PortMapping } from "../port-mapping/port-mapper.ts";
import type { DirectionLimits, PassedBytes } from "../rate/limit-tree.ts";
import type { TorrentOptions } from "../torrent/options.ts";
import type { UdpHub } from "../transport/udp-hub.ts";
import type { TorrentState } from "../torrent/status.ts";
import type { Torrent } from "../torrent/torrent.ts";
import type { ConnectionPlaces } from "./connections.ts";
import type { QueueLimits } from "./plan-queue.ts";
import type { ShareAction, ShareLimitReason, ShareLimits } from "./share-limits.ts";
import type { SpeedSchedule } from "./speed-schedule.ts";
import type { Changes } from "./torrent-changes.ts";
import type { QueueMove } from "./torrent-queue.ts";
import type { SessionTraffic } from "./traffic.ts";

export type { SessionOptions } from "./session-options.ts";

/** What torrents of a category have in common. Absent: no limit, and the session's share limits. */
export interface CategoryOptions {
  /** Bytes per second of all its torrents together; null for no limit. */
  readonly downloadLimit?: number | null;
  readonly uploadLimit?: number | null;
  readonly shareLimits?: ShareLimits;
}

/** What happens in a session, beside what torrents tell themselves. */
export type SessionEvent =
  | { readonly type: "torrent-added"; readonly torrent: Torrent }
  /** Closed or removed. */
  | { readonly type: "torrent-removed"; readonly torrent: Torrent }
  | { readonly type: "torrent-state"; readonly torrent: Torrent; readonly state: TorrentState }
  | { readonly type: "torrent-complete"; readonly torrent: Torrent }
  | {
      readonly type: "share-limit-reached";
      readonly torrent: Torrent;
      readonly reason: ShareLimitReason;
      readonly action: ShareAction;
    }
  /** The router passes on other ports than before, or none any more. */
  | { readonly type: "ports-mapped"; readonly mappings: readonly PortMapping[] };

/** The order in which torrents get to run. */
export interface SessionQueue {
  readonly limits: QueueLimits;
  /** Changes those that are given. */
  setLimits(limits: QueueLimits): void;
  /** How many torrents count against each of the limits, or would if there were places for all. */
  readonly wanted: Readonly<Record<"activeDownloads" | "activeSeeds" | "activeLimit", number>>;
  /** Place of a torrent, from 0; -1 when it is not of this session. */
  positionOf(torrent: Torrent): number;
  /** Moves a torrent one place, to an end, or to a place. @throws {RangeError} for a place that is none. */
  move(torrent: Torrent, to: QueueMove): void;
}

export interface Session {
  /**
   * The port that this session listens at: of TCP, and of UDP. From outside peers reach it at those of
   * `discovery.portMappings`.
   */
  readonly port: number;
  /** The UDP socket at that port, for whoever speaks over it too; null when another program has the port. */
  readonly udp: UdpHub | null;
  /** uTP's packets so far, those that were dropped among them; null when it is off. */
  readonly utp: UtpCounters | null;
  /** The DHT that the session is a part of, for others to use; null when it is off, or there is no UDP socket. */
  readonly dht: Dht | null;
  /** How peers are found without a server, in figures. */
  readonly discovery: DiscoveryStatus;
  /** In order of the queue. */
  readonly torrents: readonly Torrent[];
  /** Payload of all torrents together. */
  readonly traffic: SessionTraffic;
  /**
   * What has changed since an earlier call: torrents that are new or stand elsewhere in the queue, and those of which
   * something in `status()` is another than before. Rates count to the byte per second; the passing of time
   * (`activeMs`, `seedingMs`, and what follows from it) does not. It costs little however many torrents sleep, and
   * nothing while nobody asks.
   * @param revision That of the earlier answer. When absent, or not known: all torrents.
   */
  changes(revision?: number): Changes<Torrent>;
  readonly queue: SessionQueue;
  /** Connections to peers, over all torrents. */
  readonly connections: ConnectionPlaces;
  /** What has passed the session's limits; not counted while there is none. */
  readonly passed: PassedBytes;
  /** What has passed those of a category. */
  passedIn(category: string): PassedBytes;
  /**
   * Adds a torrent and starts it.
   * @param source A torrent file's bytes or its parsed form, or a magnet link.
   * @throws {BencodeError|MetainfoError|MagnetError} when the source cannot be read.
   * @throws {SessionError} `duplicate-torrent` or `closed`.
   * @throws {StoreError} when it is to be kept, and cannot be.
   */
  add(source: Uint8Array | string | Metainfo | Magnet, options: TorrentOptions): Promise<Torrent>;
  /**
   * Stops a torrent and forgets it. Its files and resume data stay, unless `deleteFiles` asks for their removal: of
   * the torrent's own files, and then of empty folders; links are never followed.
   * @throws {DiskError} when something could not be removed; the torrent is forgotten all the same.
   */
  remove(torrent: Torrent, options?: { readonly deleteFiles?: boolean }): Promise<void>;
  /** @param infoHash Hex of a v1 or v2 infohash. */
  find(infoHash: string): Torrent | undefined;
  /** Bytes per second over all torrents; null for no limit. */
  setLimits(limits: DirectionLimits): void;
  /** Other limits at certain times; null for none. @throws {RangeError} */
  setSchedule(schedule: SpeedSchedule | null): void;
  /** When torrents have shared enough, as far as neither they nor their categories say. @throws {RangeError} */
  setShareLimits(limits: ShareLimits): void;
  /** Names of the categories that have been set. */
  readonly categories: readonly string[];
  /** Makes a category, or sets it anew. @throws {RangeError} */
  setCategory(name: string, options?: CategoryOptions): void;
  /** Changes the limits of rate of a category that has been set. @throws {RangeError} */
  setCategoryLimits(name: string, limits: DirectionLimits): void;
  /** Removes a category; its torrents are in none then. */
  removeCategory(name: string): void;
  /** Calls `listener` for each event. @returns A function that removes it. */
  on(listener: (event: SessionEvent) => void): () => void;
  /** The events from now on, until the session is closed or `signal` is aborted. */
  events(signal?: AbortSignal): AsyncIterableIterator<SessionEvent>;
  /** Closes all torrents in order. The runtime stays open. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
