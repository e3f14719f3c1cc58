import { toHex } from "@shoal/protocol";
import type { Clock } from "@shoal/runtime";
import { DEFAULT_SWARM_LIMITS, MAX_NUM_WANT } from "../server/memory-swarm-state.ts";
import { kindOf, wantsLeechersOnly } from "../server/swarm-state.ts";
import type {
  AnnouncedPeer,
  SwarmAnswer,
  SwarmFigures,
  SwarmState,
  SwarmStats,
} from "../server/swarm-state.ts";
import { ANNOUNCE_SCRIPT } from "./announce-script.ts";
import { createRedisScript, type RedisLink, type RedisReply } from "./redis-link.ts";

export interface RedisSwarmStateOptions {
  /** The state closes it. */
  readonly link: RedisLink;
  readonly clock: Clock;
  /** A peer that has not announced for this long is dropped. */
  readonly peerLifetimeMs: number;
  /** Of one kind; 20,000 when absent. */
  readonly peersPerTorrent?: number;
  /** Begins every key: several trackers may share one server. */
  readonly prefix?: string;
}

const POOLS = ["4s", "4l", "6s", "6l", "ws", "wl"] as const;
const KIND_INDEX = { 4: 1, 6: 2, web: 3 } as const;
/** Lists of all torrents, so that no one key grows with every torrent, nor lies on one node. */
const INDEX_PARTS = 16;
/** A torrent is listed anew when half of its time is over; so many are remembered as listed. */
const MAX_LISTED = 100_000;
/** Torrents whose peers are counted for the figures; with more of them the rest is estimated. */
const SAMPLE = 10_000;

/**
 * Swarms in Redis, for trackers that have outgrown one machine: any number of nodes share them. An
 * announce is one script call on the keys of its torrent, which share a hash tag, so that a cluster
 * keeps them together. What strangers can make it hold is bounded by the peers of a torrent, by
 * time, and by the server's own `maxmemory`.
 */
export function createRedisSwarmState(options: RedisSwarmStateOptions): SwarmState {
  const { link, clock, peerLifetimeMs, prefix = "shoal" } = options;
  const peersPerTorrent = options.peersPerTorrent ?? DEFAULT_SWARM_LIMITS.peersPerTorrent;
  const script = createRedisScript(ANNOUNCE_SCRIPT);
  const lifetimeS = Math.ceil(peerLifetimeMs / 1000);
  /** When each torrent was last listed, oldest first. */
  const listed = new Map<string, number>();

  // The machines' clocks, which may jump, but are the ones that all nodes share.
  const nowS = (): number => Math.floor(clock.nowMs() / 1000);
  const tagOf = (hex: string): string => `${prefix}:{${hex}}`;
  const keysOf = (hex: string): string[] => POOLS.map((pool) => `${tagOf(hex)}:${pool}`);
  const indexOf = (hex: string): string => `${prefix}:torrents:${parseInt(hex[0]!, INDEX_PARTS)}`;

  /** Lists a torrent, for the figures alone: that it fails does not concern whoever announces. */
  function list(hex: string): void {
    const seconds = nowS();
    const last = listed.get(hex);
    if (last !== undefined && seconds - last < lifetimeS / 2) return;
    listed.delete(hex);
    listed.set(hex, seconds);
    if (listed.size > MAX_LISTED) listed.delete(listed.keys().next().value!);
    link.command(indexOf(hex), ["ZADD", indexOf(hex), String(seconds), hex]).catch(() => {
      listed.delete(hex);
    });
  }

  async function countPeers(hex: string): Promise<number[]> {
    return await Promise.all(
      keysOf(hex).map(async (key) =>
        Number(await link.command(key, ["ZCOUNT", key, String(nowS() - lifetimeS), "+inf"])),
      ),
    );
  }

  return {
    async announce(peer: AnnouncedPeer): Promise<SwarmAnswer> {
      const hex = toHex(peer.infoHash);
      const kind = kindOf(peer.endpoint);
      const isStopping = peer.event === "stopped";
      const both = peer.wantsBothFamilies && kind !== "web";
      const wanted = [kind === 4 || both, kind === 6 || both, kind === "web"];
      const args = [
        String(KIND_INDEX[kind]),
        // Copied: the caller's bytes are valid only during the call.
        Buffer.from(peer.endpoint),
        isStopping ? "x" : peer.leftBytes === 0 ? "s" : "l",
        String(nowS()),
        String(nowS() - lifetimeS),
        String(isStopping ? 0 : Math.min(peer.numWant, MAX_NUM_WANT)),
        wantsLeechersOnly(peer) ? "1" : "0",
        wanted.map((isWanted) => (isWanted ? "1" : "0")).join(""),
        String(lifetimeS * 2),
        String(peersPerTorrent),
        peer.event === "completed" ? "1" : "0",
      ];
      if (!isStopping) list(hex);
      const reply = await script.run(link, [...keysOf(hex), `${tagOf(hex)}:completed`], args);
      const [seeders, leechers, completed, peers4, peers6, peersWeb] =
        reply as readonly RedisReply[];
      return {
        seeders: Number(seeders),
        leechers: Number(leechers),
        completed: Number(completed),
        peers4: peers4 as Buffer,
        peers6: peers6 as Buffer,
        peersWeb: peersWeb as Buffer,
      };
    },

    async scrape(infoHash): Promise<SwarmFigures> {
      const hex = toHex(infoHash);
      const key = `${tagOf(hex)}:completed`;
      const [counts, completed] = await Promise.all([
        countPeers(hex),
        link.command(key, ["GET", key]),
      ]);
      return {
        seeders: counts[0]! + counts[2]! + counts[4]!,
        leechers: counts[1]! + counts[3]! + counts[5]!,
        completed: Number(completed ?? 0),
      };
    },

    async stats(): Promise<SwarmStats> {
      const oldest = String(nowS() - lifetimeS);
      const indices = Array.from(
        { length: INDEX_PARTS },
        (_, part) => `${prefix}:torrents:${part}`,
      );
      const lists = await Promise.all(
        indices.map(async (key) => {
          await link.command(key, ["ZREMRANGEBYSCORE", key, "-inf", `(${oldest}`]);
          const [count, names] = await Promise.all([
            link.command(key, ["ZCARD", key]),
            link.command(key, ["ZRANDMEMBER", key, String(SAMPLE / INDEX_PARTS)]),
          ]);
          return { count: Number(count), names: (names as readonly Buffer[]).map(String) };
        }),
      );
      const names = lists.flatMap((list) => list.names);
      const listedCount = lists.reduce((sum, { count }) => sum + count, 0);
      const counts = await Promise.all(names.map(countPeers));
      const scale = names.length === 0 ? 0 : listedCount / names.length;
      const sum = (...pools: number[]): number =>
        Math.round(
          scale *
            counts.reduce((all, of) => all + pools.reduce((some, at) => some + of[at]!, 0), 0),
        );
      const alive = counts.filter((of) => of.some((count) => count > 0)).length;
      return {
        torrents: Math.round(alive * scale),
        peers4: sum(0, 1),
        peers6: sum(2, 3),
        peersWeb: sum(4, 5),
      };
    },

    close: () => link.close(),
  };
}
