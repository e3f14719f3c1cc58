import type { Clock, Random } from "@shoal/runtime";

import { HalfSipHash } from "./half-sip-hash.ts";
import { PeerPool } from "./peer-pool.ts";
import { kindOf, PEER_BYTES, wantsLeechersOnly } from "./swarm-state.ts";
import type {
  AnnouncedPeer,
  PeerKind,
  SwarmAnswer,
  SwarmFigures,
  SwarmState,
  SwarmStats,
} from "./swarm-state.ts";

/** Bounds on what strangers can make a tracker remember. A peer takes 20 to 40 bytes, a torrent 1 kB. */
export interface SwarmLimits {
  readonly torrents: number;
  readonly peers: number;
  /** Of one kind. */
  readonly peersPerTorrent: number;
}

export const DEFAULT_SWARM_LIMITS: SwarmLimits = {
  torrents: 200_000,
  peers: 1_000_000,
  peersPerTorrent: 20_000,
};

export interface MemorySwarmStateOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** A peer that has not announced for this long is dropped, at the latest after half as long again. */
  readonly peerLifetimeMs: number;
  readonly limits?: Partial<SwarmLimits>;
}

/** A pool is there while it holds peers. */
interface Swarm {
  /** One character a byte: an array would take five times as much. */
  readonly infoHash: string;
  /** Another whose infohash has the same hash. */
  next: Swarm | undefined;
  pool4: PeerPool | null;
  pool6: PeerPool | null;
  poolWeb: PeerPool | null;
  completed: number;
}

/** Peers of each kind that one answer names at most. */
export const MAX_NUM_WANT = 200;

/** Torrents are looked through for dead peers in this many parts, one after the other, without end. */
const SWEEP_PARTS = 32;

const NO_FIGURES: SwarmFigures = { seeders: 0, leechers: 0, completed: 0 };
const NO_PEERS = new Uint8Array();
const NOTHING: SwarmAnswer = {
  ...NO_FIGURES,
  peers4: NO_PEERS,
  peers6: NO_PEERS,
  peersWeb: NO_PEERS,
};

/** Swarms in this process's memory. */
export function createMemorySwarmState(options: MemorySwarmStateOptions): SwarmState {
  const { clock, random, peerLifetimeMs } = options;
  const limits = { ...DEFAULT_SWARM_LIMITS, ...options.limits };
  const hash = new HalfSipHash(random.bytes(8));
  /** By the hash of their infohashes: as a text, an infohash cost a sixth of an announce. */
  const swarms = new Map<number, Swarm>();
  let torrents = 0;
  /** Each torrent is in exactly one part, so that nothing that strangers do makes the ring grow. */
  const parts: Swarm[][] = Array.from({ length: SWEEP_PARTS }, () => []);
  let part = 0;
  const peers = { 4: 0, 6: 0, web: 0 };
  const chosen = {
    4: new Uint8Array(MAX_NUM_WANT * PEER_BYTES[4]),
    6: new Uint8Array(MAX_NUM_WANT * PEER_BYTES[6]),
    web: new Uint8Array(MAX_NUM_WANT * PEER_BYTES.web),
  };
  /** Whoever predicts it learns which peers an answer names, which it says anyway. */
  let chance = random.integer(2 ** 32) | 0;
  const timer = clock.setRepeating(peerLifetimeMs / 2 / SWEEP_PARTS, sweep);

  const nowS = (): number => Math.floor(clock.monotonicMs() / 1000);

  function sweep(): void {
    part = (part + 1) % SWEEP_PARTS;
    const oldestS = Math.max(0, Math.ceil((clock.monotonicMs() - peerLifetimeMs) / 1000));
    parts[part] = parts[part]!.filter((swarm) => {
      peers[4] -= swarm.pool4?.expire(oldestS) ?? 0;
      peers[6] -= swarm.pool6?.expire(oldestS) ?? 0;
      peers.web -= swarm.poolWeb?.expire(oldestS) ?? 0;
      if (swarm.pool4?.size === 0) swarm.pool4 = null;
      if (swarm.pool6?.size === 0) swarm.pool6 = null;
      if (swarm.poolWeb?.size === 0) swarm.poolWeb = null;
      if (swarm.pool4 !== null || swarm.pool6 !== null || swarm.poolWeb !== null) return true;
      forget(swarm);
      return false;
    });
  }

  /** A small integer, by which a `Map` finds fastest. */
  const keyOf = (infoHash: Uint8Array): number => hash.hash32(infoHash, 0, infoHash.length) | 0;

  function find(key: number, infoHash: Uint8Array): Swarm | undefined {
    let swarm = swarms.get(key);
    while (swarm !== undefined && !isText(infoHash, swarm.infoHash)) swarm = swarm.next;
    return swarm;
  }

  function findOrCreate(infoHash: Uint8Array): Swarm | null {
    const key = keyOf(infoHash);
    const known = find(key, infoHash);
    if (known !== undefined) return known;
    if (torrents >= limits.torrents || countPeers() >= limits.peers) return null;
    const swarm: Swarm = {
      infoHash: String.fromCharCode(...infoHash),
      next: swarms.get(key),
      pool4: null,
      pool6: null,
      poolWeb: null,
      completed: 0,
    };
    swarms.set(key, swarm);
    torrents++;
    // The part that was looked through last: its turn comes after all others.
    parts[part]!.push(swarm);
    return swarm;
  }

  function forget(swarm: Swarm): void {
    torrents--;
    const key = keyOf(Uint8Array.from(swarm.infoHash, (char) => char.charCodeAt(0)));
    let before = swarms.get(key)!;
    if (before !== swarm) {
      while (before.next !== swarm) before = before.next!;
      before.next = swarm.next;
    } else if (swarm.next !== undefined) swarms.set(key, swarm.next);
    else swarms.delete(key);
  }

  function put(swarm: Swarm, kind: PeerKind, peer: AnnouncedPeer): void {
    const pool = poolOf(swarm, kind, hash);
    const was = pool.put(peer.endpoint, peer.leftBytes === 0, nowS());
    if (was === "new") peers[kind]++;
    // Only who was seen downloading can have finished, so that nobody inflates the figure.
    if (peer.event === "completed" && was === "leecher") swarm.completed++;
    const isFull = pool.size > limits.peersPerTorrent || countPeers() > limits.peers;
    if (was === "new" && isFull) {
      // A random one goes, maybe the newcomer: a crowd of fakes cannot keep the others out for long.
      pool.removeSlot((draw() >>> 0) % pool.size);
      peers[kind]--;
    }
  }

  function remove(swarm: Swarm, kind: PeerKind, endpoint: Uint8Array): void {
    const pool = kind === 4 ? swarm.pool4 : kind === 6 ? swarm.pool6 : swarm.poolWeb;
    if (pool?.remove(endpoint) === true) peers[kind]--;
  }

  function choose(pool: PeerPool | null, peer: AnnouncedPeer, kind: PeerKind): Uint8Array {
    const want = Math.min(peer.numWant, MAX_NUM_WANT);
    if (pool === null || want === 0) return NO_PEERS;
    return pool.sample(want, wantsLeechersOnly(peer), peer.endpoint, chosen[kind], draw());
  }

  /** A number of 32 bits, not 0. */
  function draw(): number {
    chance = (Math.imul(chance, 1_664_525) + 1_013_904_223) | 0;
    return chance || 1;
  }

  const countPeers = (): number => peers[4] + peers[6] + peers.web;

  return {
    announce(peer): SwarmAnswer | null {
      const kind = kindOf(peer.endpoint);
      if (peer.event === "stopped") {
        const swarm = find(keyOf(peer.infoHash), peer.infoHash);
        if (swarm === undefined) return NOTHING;
        remove(swarm, kind, peer.endpoint);
        return { ...NOTHING, ...figuresOf(swarm) };
      }
      const swarm = findOrCreate(peer.infoHash);
      if (swarm === null) return null;
      put(swarm, kind, peer);
      const both = peer.wantsBothFamilies && kind !== "web";
      const { seeders, leechers, completed } = figuresOf(swarm);
      return {
        seeders,
        leechers,
        completed,
        peers4: kind === 4 || both ? choose(swarm.pool4, peer, 4) : NO_PEERS,
        peers6: kind === 6 || both ? choose(swarm.pool6, peer, 6) : NO_PEERS,
        peersWeb: kind === "web" ? choose(swarm.poolWeb, peer, "web") : NO_PEERS,
      };
    },
    scrape(infoHash): SwarmFigures {
      const swarm = find(keyOf(infoHash), infoHash);
      return swarm === undefined ? NO_FIGURES : figuresOf(swarm);
    },
    stats: (): SwarmStats => ({
      torrents,
      peers4: peers[4],
      peers6: peers[6],
      peersWeb: peers.web,
    }),
    close() {
      timer.cancel();
      return Promise.resolve();
    },
  };
}

function poolOf(swarm: Swarm, kind: PeerKind, hash: HalfSipHash): PeerPool {
  if (kind === 4) return (swarm.pool4 ??= new PeerPool(PEER_BYTES[4], hash));
  if (kind === 6) return (swarm.pool6 ??= new PeerPool(PEER_BYTES[6], hash));
  return (swarm.poolWeb ??= new PeerPool(PEER_BYTES.web, hash));
}

function figuresOf({ pool4, pool6, poolWeb, completed }: Swarm): SwarmFigures {
  const seeders = (pool4?.seeders ?? 0) + (pool6?.seeders ?? 0) + (poolWeb?.seeders ?? 0);
  const size = (pool4?.size ?? 0) + (pool6?.size ?? 0) + (poolWeb?.size ?? 0);
  return { seeders, leechers: size - seeders, completed };
}

function isText(bytes: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false;
  return true;
}
