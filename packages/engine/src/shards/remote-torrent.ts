import { EventHub } from "../session/event-hub.ts";
import type { PeerView } from "../peer/peer-view.ts";
import type { FileStatus, TorrentEvent, TorrentStatus } from "../torrent/status.ts";
import type { Torrent } from "../torrent/torrent.ts";
import type { StreamOptions } from "../streaming/stream-file.ts";
import { SessionError } from "../errors.ts";
import { revive } from "./packed-error.ts";
import type { Shard } from "./shard.ts";
import { type OperationName, OPERATIONS, type TorrentNames } from "./shard-protocol.ts";

/** Operations of a {@link Torrent} under their names: they go to its worker, and resolve once carried out there. */
export type RemoteOperations = {
  readonly [Name in OperationName]: (
    ...args: Parameters<Torrent[Name]>
  ) => Promise<Awaited<ReturnType<Torrent[Name]>>>;
};

/**
 * A torrent of a sharded session. What means the same as in {@link Torrent} has the same name, and answers
 * later; what it throws has the same class and code. Besides, everything throws {SessionError} `worker-died` when
 * the worker dies before it answers, and `unknown-torrent` once the torrent is closed or removed.
 */
export interface RemoteTorrent extends RemoteOperations {
  /** Hex: of v1 where the torrent has one, else of v2 whole. */
  readonly infoHash: string;
  /** The number of its worker. */
  readonly worker: number;
  /** The port at which peers reach it. */
  readonly port: number;
  status(): Promise<TorrentStatus>;
  files(): Promise<readonly FileStatus[]>;
  /** As they are now: unlike those of a `Torrent`, these views do not follow their peers. */
  peers(): Promise<readonly PeerView[]>;
  /** As in `Torrent`; a chunk is copied on its way here. Fails with `worker-died` when the worker dies meanwhile. */
  stream(fileIndex: number, options?: StreamOptions): AsyncGenerator<Uint8Array, void, void>;
  /** As in `Torrent`. Goes on waiting when the worker dies meanwhile. */
  whenReady(signal?: AbortSignal): Promise<void>;
  whenComplete(signal?: AbortSignal): Promise<void>;
  /**
   * Calls `listener` for each event: from when the worker has heard of it, and as long as the worker lives; once it
   * was started again, from then on.
   * @returns A function that removes it.
   */
  on(listener: (event: TorrentEvent) => void): () => void;
  /** The events as {@link on} has them, until the torrent is gone or `signal` is aborted. */
  events(signal?: AbortSignal): AsyncIterableIterator<TorrentEvent>;
}

/** A remote torrent, and how its session keeps it true. */
export interface RemoteTorrentHandle {
  readonly torrent: RemoteTorrent;
  readonly names: TorrentNames;
  readonly shard: Shard;
  onEvent(event: TorrentEvent): void;
  /** The worker was started again. */
  watchAgain(): void;
  /** The torrent is gone. */
  close(): void;
}

/** Numbers are not used again: a worker that was started again takes none for one of its own. */
let lastStream = 0;

/** @param onError What a listener throws is reported to it. */
export function createRemoteTorrent(
  names: TorrentNames,
  shard: Shard,
  onError: (error: unknown) => void,
): RemoteTorrentHandle {
  const { infoHash } = names;
  const hub = new EventHub<TorrentEvent>(onError);
  let listeners = 0;
  let isGone = false;

  const tellWatched = (): void => {
    // Where it fails the torrent is gone, or the worker, which is told again when it is back.
    if (!isGone && shard.isUp) shard.call("watch", [infoHash, listeners > 0]).catch(() => {});
  };
  const watch = (): (() => void) => {
    if (++listeners === 1) tellWatched();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--listeners === 0) tellWatched();
    };
  };
  const until = async (what: "whenReady" | "whenComplete", signal?: AbortSignal): Promise<void> => {
    for (;;) {
      try {
        return await shard.call("until", [infoHash, what], signal);
      } catch (error) {
        if (!(error instanceof SessionError) || error.code !== "worker-died") throw error;
      }
    }
  };
  const operations = Object.fromEntries(
    OPERATIONS.map((name) => [
      name,
      (...args: readonly unknown[]) => shard.call("operate", [infoHash, name, args]),
    ]),
  ) as unknown as RemoteOperations;

  const torrent: RemoteTorrent = {
    ...operations,
    infoHash,
    worker: shard.index,
    get port() {
      return shard.port;
    },
    status: async () => revive<TorrentStatus>(await shard.call("status", [infoHash])),
    files: () => shard.call("files", [infoHash]),
    peers: () => shard.call("peers", [infoHash]),
    async *stream(fileIndex, { signal, ...range } = {}) {
      const stream = ++lastStream;
      await shard.call("openStream", [stream, infoHash, fileIndex, range], signal);
      try {
        for (;;) {
          const chunk = await shard.call("readStream", [stream], signal);
          if (chunk === null) return;
          yield chunk;
        }
      } finally {
        // It has gone with its worker where this fails.
        if (shard.isUp) await shard.call("closeStream", [stream]).catch(() => {});
      }
    },
    whenReady: (signal) => until("whenReady", signal),
    whenComplete: (signal) => until("whenComplete", signal),
    on(listener) {
      const remove = hub.on(listener);
      const unwatch = watch();
      return () => {
        remove();
        unwatch();
      };
    },
    events(signal) {
      const unwatch = watch();
      const events = hub.iterate(signal);
      signal?.addEventListener("abort", unwatch, { once: true });
      return {
        next: () => events.next(),
        async return() {
          unwatch();
          signal?.removeEventListener("abort", unwatch);
          return await events.return!();
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
  };
  return {
    torrent,
    names,
    shard,
    onEvent: (event) => hub.emit(event),
    watchAgain: () => {
      if (listeners > 0) tellWatched();
    },
    close() {
      isGone = true;
      hub.close();
    },
  };
}
