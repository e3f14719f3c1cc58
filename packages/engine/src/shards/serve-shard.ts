import type { ThreadContext } from "@shoal/runtime";
import { SessionError } from "../errors.ts";
import { createSession } from "../session/create-session.ts";
import type { Session, SessionEvent } from "../session/session.ts";
import type { TorrentEvent } from "../torrent/status.ts";
import type { Torrent } from "../torrent/torrent.ts";
import { serveCalls } from "./calls.ts";
import { copyPeer } from "./copy-peer.ts";
import { applyShare, measureUsage } from "./limit-names.ts";
import { OpenStreams } from "./open-streams.ts";
import { type Packed, pack } from "./packed-error.ts";
import {
  type EventOf,
  namesOf,
  OPERATIONS,
  type RemoteTorrentOptions,
  type ShardCalls,
  type ShardEvent,
  type ShardOptions,
  type ShardUsage,
  type TorrentNames,
} from "./shard-protocol.ts";
import { workerOf } from "./worker-of.ts";

/** Runs a worker's session, until it is told to close. Where it cannot be opened, who asked for that ends the thread. */
export async function serveShard({
  runtime,
  line,
}: Pick<ThreadContext, "runtime" | "line">): Promise<void> {
  const { promise: whenOver, resolve: over } = Promise.withResolvers<void>();
  const watched = new Map<string, () => void>();
  const streams = new OpenStreams();
  let opened: Session | null = null;

  const session = (): Session => {
    if (opened === null) throw new SessionError("closed", "the worker has not opened its session");
    return opened;
  };
  const find = (infoHash: string): Torrent => {
    const torrent = session().find(infoHash);
    if (torrent !== undefined) return torrent;
    throw new SessionError("unknown-torrent", `there is no torrent ${infoHash} in this session`);
  };
  const measure = (): ShardUsage => measureUsage(session(), runtime.clock.monotonicMs());

  const tell = serveCalls<ShardCalls, ShardEvent>(line, {
    async open([options]) {
      opened = await createSession({ ...sessionOptions(options), runtime });
      for (const [name, shareLimits] of options.categories) {
        opened.setCategory(name, { shareLimits });
      }
      applyShare(opened, options.share);
      opened.on((event) => {
        tell({ of: "session", event: nameTorrent(event) });
        if (event.type === "torrent-removed") watched.delete(event.torrent.infoHash);
      });
      return { port: opened.port, torrents: opened.torrents.map(namesOf) };
    },
    add: async ([source, options]) => namesOf(await session().add(source, localOptions(options))),
    remove: ([infoHash, options]) => session().remove(find(infoHash), options),
    operate([infoHash, name, args]) {
      if (!OPERATIONS.includes(name)) throw new TypeError(`There is no operation ${name}.`);
      const torrent = find(infoHash);
      return (torrent[name] as (...args: readonly unknown[]) => unknown).apply(torrent, [...args]);
    },
    until: ([infoHash, what], signal) => find(infoHash)[what](signal),
    status: ([infoHash]) => pack(find(infoHash).status()),
    files: ([infoHash]) => find(infoHash).files,
    peers: ([infoHash]) => find(infoHash).peers.map(copyPeer),
    openStream: ([stream, infoHash, fileIndex, range]) =>
      streams.open(stream, find(infoHash), fileIndex, range),
    readStream: ([stream]) => streams.next(stream),
    closeStream: ([stream]) => streams.close(stream),
    statuses: () => session().torrents.map((torrent) => pack(torrent.status())),
    watch([infoHash, isOn]) {
      const torrent = find(infoHash);
      watched.get(torrent.infoHash)?.();
      watched.delete(torrent.infoHash);
      if (!isOn) return;
      const unwatch = torrent.on((event) =>
        tell({ of: "torrent", infoHash: torrent.infoHash, event: packEvent(event) }),
      );
      watched.set(torrent.infoHash, unwatch);
    },
    measure,
    apply([share]) {
      applyShare(session(), share);
      return measure();
    },
    setShareLimits: ([limits]) => session().setShareLimits(limits),
    setCategory: ([name, shareLimits]) => session().setCategory(name, { shareLimits }),
    removeCategory: ([name]) => session().removeCategory(name),
    setIgnoreSlow: ([ignoreSlow]) => session().queue.setLimits({ ignoreSlow }),
    move: ([infoHash, to]) => session().queue.move(find(infoHash), to),
    async close() {
      await opened?.close();
      over();
    },
  });
  await whenOver;
}

function sessionOptions(options: ShardOptions) {
  const { index, workers, port, session, share, ignoreSlow } = options;
  const { dht = false } = session;
  return {
    ...session,
    // The store has one node ID for all, and two nodes must not have the same.
    dht: dht !== false && index > 0 ? { ...dht, keepsId: false } : dht,
    port,
    downloadLimit: share.rates["download"] ?? null,
    uploadLimit: share.rates["upload"] ?? null,
    queue: { ...share.places, ignoreSlow },
    maxPeers: share.connections,
    restore: (infoHash: string) => workerOf(infoHash, workers) === index,
  };
}

function localOptions({ select, filePriorities, ...options }: RemoteTorrentOptions) {
  if (filePriorities !== undefined) {
    return { ...options, select: (_: unknown, index: number) => filePriorities[index] ?? true };
  }
  if (select === undefined) return options;
  const wanted = new Set(select);
  return { ...options, select: (_: unknown, index: number) => wanted.has(index) };
}

function nameTorrent(event: SessionEvent): EventOf<SessionEvent, TorrentNames> {
  return "torrent" in event ? { ...event, torrent: namesOf(event.torrent) } : event;
}

function packEvent(event: TorrentEvent): Packed<TorrentEvent> {
  return pack("peer" in event ? { ...event, peer: copyPeer(event.peer) } : event);
}
