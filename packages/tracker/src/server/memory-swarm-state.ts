import type { Clock, Random } from "@shoal/runtime";

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

/** Bounds on what strangers can make a tracker remember. A peer takes about 100 bytes, a torrent 1 kB. */
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
  const swarms = new Map<string, Swarm>();
  /** Each torrent is in exactly one part, so that nothing that strangers do makes the ring grow. */
  const parts: string[][] = Array.from({ length: SWEEP_PARTS }, () => []);
  let part = 0;
  const peers = { 4: 0, 6: 0, web: 0 };
  const out4 = new Uint8Array(MAX_NUM_WANT * PEER_BYTES[4]);
  const out6 = new Uint8Array(MAX_NUM_WANT * PEER_BYTES[6]);
  const outWeb = new Uint8Array(MAX_NUM_WANT * PEER_BYTES.web);
  const draw = createDraw(random.integer(2 ** 32));
  const timer = clock.setRepeating(peerLifetimeMs / 2 / SWEEP_PARTS, sweep);

  const nowS = (): number => Math.floor(clock.monotonicMs() / 1000);

  function sweep(): void {
    part = (part + 1) % SWEEP_PARTS;
    const oldestS = Math.max(0, Math.ceil((clock.monotonicMs() - peerLifetimeMs) / 1000));
    parts[part] = parts[part]!.filter((key) => {
      const swarm = swarms.get(key)!;
      peers[4] -= swarm.pool4?.expire(oldestS) ?? 0;
      peers[6] -= swarm.pool6?.expire(oldestS) ?? 0;
      peers.web -= swarm.poolWeb?.expire(oldestS) ?? 0;
      if (swarm.pool4?.size === 0) swarm.pool4 = null;
      if (swarm.pool6?.size === 0) swarm.pool6 = null;
      if (swarm.poolWeb?.size === 0) swarm.poolWeb = null;
      if (swarm.pool4 !== null || swarm.pool6 !== null || swarm.poolWeb !== null) return true;
      swarms.delete(key);
      return false;
    });
  }

  function findOrCreate(key: string): Swarm | null {
    const known = swarms.get(key);
    if (known !== undefined) return known;
    if (swarms.size >= limits.torrents || countPeers() >= limits.peers) return null;
    const swarm: Swarm = { pool4: null, pool6: null, poolWeb: null, completed: 0 };
    swarms.set(key, swarm);
    // The part that was looked through last: its turn comes after all others.
    parts[part]!.push(key);
    return swarm;
  }

  function put(swarm: Swarm, kind: PeerKind, peer: AnnouncedPeer): void {
    const pool = poolOf(swarm, kind);
    const was = pool.put(peer.endpoint, peer.leftBytes === 0, nowS());
    if (was === "new") peers[kind]++;
    // Only who was seen downloading can have finished, so that nobody inflates the figure.
    if (peer.event === "completed" && was === "leecher") swarm.completed++;
    const isFull = pool.size > limits.peersPerTorrent || countPeers() > limits.peers;
    if (was === "new" && isFull) {
      // A random one goes, maybe the newcomer: a crowd of fakes cannot keep the others out for long.
      pool.removeSlot(draw(pool.size));
      peers[kind]--;
    }
  }

  function remove(swarm: Swarm, kind: PeerKind, endpoint: Uint8Array): void {
    const pool = kind === 4 ? swarm.pool4 : kind === 6 ? swarm.pool6 : swarm.poolWeb;
    if (pool?.remove(endpoint) === true) peers[kind]--;
  }

  const countPeers = (): number => peers[4] + peers[6] + peers.web;

  return {
    announce(peer): SwarmAnswer | null {
      const key = keyOf(peer.infoHash);
      const kind = kindOf(peer.endpoint);
      const isStopping = peer.event === "stopped";
      const swarm = isStopping ? swarms.get(key) : findOrCreate(key);
      if (swarm === null) return null;
      if (swarm === undefined) return NOTHING;
      if (isStopping) remove(swarm, kind, peer.endpoint);
      else put(swarm, kind, peer);
      const want = isStopping ? 0 : Math.min(peer.numWant, MAX_NUM_WANT);
      const leechersOnly = wantsLeechersOnly(peer);
      const { pool4, pool6, poolWeb } = swarm;
      const choose = (pool: PeerPool | null, wanted: boolean, out: Uint8Array): Uint8Array =>
        (wanted && pool?.sample(want, leechersOnly, peer.endpoint, out, draw)) || NO_PEERS;
      const both = peer.wantsBothFamilies && kind !== "web";
      return {
        ...figuresOf(swarm),
        peers4: choose(pool4, kind === 4 || both, out4),
        peers6: choose(pool6, kind === 6 || both, out6),
        peersWeb: choose(poolWeb, kind === "web", outWeb),
      };
    },
    scrape(infoHash): SwarmFigures {
      const swarm = swarms.get(keyOf(infoHash));
      return swarm === undefined ? NO_FIGURES : figuresOf(swarm);
    },
    stats: (): SwarmStats => ({
      torrents: swarms.size,
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

function poolOf(swarm: Swarm, kind: PeerKind): PeerPool {
  if (kind === 4) return (swarm.pool4 ??= new PeerPool(PEER_BYTES[4]));
  if (kind === 6) return (swarm.pool6 ??= new PeerPool(PEER_BYTES[6]));
  return (swarm.poolWeb ??= new PeerPool(PEER_BYTES.web));
}

function figuresOf({ pool4, pool6, poolWeb, completed }: Swarm): SwarmFigures {
  const seeders = (pool4?.seeders ?? 0) + (pool6?.seeders ?? 0) + (poolWeb?.seeders ?? 0);
  const size = (pool4?.size ?? 0) + (pool6?.size ?? 0) + (poolWeb?.size ?? 0);
  return { seeders, leechers: size - seeders, completed };
}

/** Text of one character a byte. Written out: spreading the bytes took a quarter of an announce. */
function keyOf(hash: Uint8Array): string {
  return String.fromCharCode(
    hash[0]!,
    hash[1]!,
    hash[2]!,
    hash[3]!,
    hash[4]!,
    hash[5]!,
    hash[6]!,
    hash[7]!,
    hash[8]!,
    hash[9]!,
    hash[10]!,
    hash[11]!,
    hash[12]!,
    hash[13]!,
    hash[14]!,
    hash[15]!,
    hash[16]!,
    hash[17]!,
    hash[18]!,
    hash[19]!,
  );
}

/**
 * Random numbers for choosing peers: xorshift32, seeded once. Whoever predicts them learns which
 * peers an answer names, which it says anyway.
 */
function createDraw(seed: number): (bound: number) => number {
  let state = seed | 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}
