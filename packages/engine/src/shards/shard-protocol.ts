import type { SessionEvent } from "../session/session.ts";
import type { SessionOptions } from "../session/session-options.ts";
import type { ShareLimits } from "../session/share-limits.ts";
import type { QueueMove } from "../session/torrent-queue.ts";
import type { PeerView } from "../peer/peer-view.ts";
import type { StreamOptions } from "../streaming/stream-file.ts";
import type { FilePriority } from "../torrent/file-priority.ts";
import type { TorrentOptions } from "../torrent/options.ts";
import type { FileStatus, TorrentEvent, TorrentStatus } from "../torrent/status.ts";
import type { Torrent } from "../torrent/torrent.ts";
import type { Packed } from "./packed-error.ts";

/** Options of a session that are the same in each of its workers: plain values. */
export type SharedOptions = Omit<
  SessionOptions,
  | "runtime"
  | "port"
  | "restore"
  | "resume"
  | "downloadLimit"
  | "uploadLimit"
  | "schedule"
  | "maxPeers"
  | "queue"
  | "uploadPolicy"
  | "extensions"
  | "flowGate"
  | "addressFilter"
  | "signal"
  | "webRtc"
>;

/** Options of a torrent as they go to a worker: plain values. */
export interface RemoteTorrentOptions extends Omit<TorrentOptions, "select"> {
  /** Indices of the files to download; as in `TorrentOptions` when absent. */
  readonly select?: readonly number[];
  /** By file, how much each is wanted, 0 to 7; those beyond the end are normal. Instead of `select`. */
  readonly filePriorities?: readonly FilePriority[];
}

/** Null for no limit. */
export type LimitsByName = Readonly<Record<string, number | null>>;

/** What a worker may use of the session's limits. */
export interface ShardShare {
  readonly connections: number;
  /** Bytes per second: of the session and of categories. */
  readonly rates: LimitsByName;
  /** Torrents that work at once. */
  readonly places: LimitsByName;
}

/** What a worker makes of its share. */
export interface ShardUsage {
  /** Of the worker's monotonic clock. */
  readonly atMs: number;
  readonly connections: number;
  /** Bytes that have passed its limits of rate, ever. */
  readonly passed: Readonly<Record<string, number>>;
  /** Torrents that would work, if there were places for all. */
  readonly wanted: Readonly<Record<string, number>>;
}

/** What a worker opens its session with. */
export interface ShardOptions {
  readonly index: number;
  readonly workers: number;
  readonly port: number;
  readonly session: SharedOptions;
  readonly share: ShardShare;
  readonly ignoreSlow: boolean;
  readonly categories: readonly (readonly [string, ShareLimits])[];
}

/** The names of a torrent. */
export interface TorrentNames {
  readonly infoHash: string;
  /** Hex of the 20-byte infohashes. */
  readonly swarms: readonly string[];
}

export function namesOf({ infoHash, swarmHashes }: Torrent): TorrentNames {
  return { infoHash, swarms: swarmHashes.map((hash) => Buffer.from(hash).toString("hex")) };
}

/** Methods of a torrent that a worker carries out as they are. */
export const OPERATIONS = [
  "addPeers",
  "addTracker",
  "addWebSeed",
  "announceNow",
  "checkPiece",
  "close",
  "forceStart",
  "move",
  "pause",
  "removeWebSeed",
  "renameFile",
  "renameFolder",
  "resume",
  "setAutoManaged",
  "setCategory",
  "setEndsFirst",
  "setFilePriority",
  "setLimits",
  "setSequential",
  "setShareLimits",
  "setSuperSeeding",
  "wake",
  "webSeeds",
] as const satisfies readonly (keyof Torrent)[];

export type OperationName = (typeof OPERATIONS)[number];

/** Which bytes of a file are streamed. */
export type StreamRange = Omit<StreamOptions, "signal">;

/** What the main thread asks of a worker. */
export interface ShardCalls {
  /** The first of all: opens the session, with the torrents of earlier runs. */
  open(options: ShardOptions): {
    readonly port: number;
    readonly torrents: readonly TorrentNames[];
  };
  add(source: Uint8Array | string, options: RemoteTorrentOptions): TorrentNames;
  remove(infoHash: string, options: { readonly deleteFiles?: boolean }): void;
  /** Carries out an operation of a torrent. */
  operate(infoHash: string, name: OperationName, args: readonly unknown[]): unknown;
  until(infoHash: string, what: "whenReady" | "whenComplete"): void;
  status(infoHash: string): Packed<TorrentStatus>;
  files(infoHash: string): readonly FileStatus[];
  peers(infoHash: string): readonly PeerView[];
  /** @param stream A number that no other stream of this session has, or had. */
  openStream(stream: number, infoHash: string, fileIndex: number, range: StreamRange): void;
  /** The next chunk; null at the end. */
  readStream(stream: number): Uint8Array | null;
  closeStream(stream: number): void;
  /** Of all torrents. */
  statuses(): readonly Packed<TorrentStatus>[];
  /** Whether the events of a torrent are to be told. */
  watch(infoHash: string, isOn: boolean): void;
  measure(): ShardUsage;
  apply(share: ShardShare): ShardUsage;
  setShareLimits(limits: ShareLimits): void;
  /** Its limits of rate come with the share. */
  setCategory(name: string, limits: ShareLimits): void;
  removeCategory(name: string): void;
  setIgnoreSlow(isOn: boolean): void;
  move(infoHash: string, to: QueueMove): void;
  /** The last of all. */
  close(): void;
}

/** An event with this in the place of its torrent. */
export type EventOf<Event, Named> = Event extends { readonly torrent: Torrent }
  ? Omit<Event, "torrent"> & { readonly torrent: Named }
  : Event;

/** What a worker tells the main thread. */
export type ShardEvent =
  | { readonly of: "session"; readonly event: EventOf<SessionEvent, TorrentNames> }
  | { readonly of: "torrent"; readonly infoHash: string; readonly event: Packed<TorrentEvent> };
