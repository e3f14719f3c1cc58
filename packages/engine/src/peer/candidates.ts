import type { Clock, Endpoint, Random } from "@shoal/runtime";

/** Where an address came from. Higher places are tried first among untried ones. */
export type PeerSource = "user" | "incoming" | "lsd" | "tracker" | "pex" | "dht" | "resume";

const MAX_CANDIDATES = 4000;
const FIRST_RETRY_MS = 15_000;
const LAST_RETRY_MS = 30 * 60_000;
const MAX_FAILURES = 8;
/** Trust falls by two for each bad piece and rises by one for each good one (libtorrent's values). */
const BAN_AT = -7;
const MOST_TRUST = 8;

interface Candidate {
  readonly endpoint: Endpoint;
  readonly source: PeerSource;
  /** The swarm that it was found in: its 20-byte infohash. */
  readonly infoHash: Uint8Array;
  failures: number;
  /** Not before this monotonic time. */
  retryAtMs: number;
  connected: boolean;
  /** MSE, when a plain handshake failed, and the other way round. */
  tryOtherEncryption: boolean;
}

/** The addresses that a torrent knows of, and what came of trying them. Bounded. */
export class Candidates {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #all = new Map<string, Candidate>();
  /** By IP address: a liar does not come back on another port. */
  readonly #trust = new Map<string, number>();
  readonly #banned = new Set<string>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  get size(): number {
    return this.#all.size;
  }

  /** @returns Whether the address is new. */
  add(endpoint: Endpoint, source: PeerSource, infoHash: Uint8Array): boolean {
    const key = keyOf(endpoint);
    if (endpoint.port === 0 || this.#all.has(key) || this.isBanned(endpoint.address)) return false;
    if (this.#all.size >= MAX_CANDIDATES && !this.#evict()) return false;
    this.#all.set(key, {
      endpoint,
      source,
      infoHash,
      failures: 0,
      retryAtMs: -Infinity,
      connected: false,
      tryOtherEncryption: false,
    });
    return true;
  }

  /** The next address to try; it counts as connected until {@link failed}, {@link disconnected} or {@link released}. */
  next(): Pick<Candidate, "endpoint" | "infoHash" | "tryOtherEncryption"> | null {
    const nowMs = this.#clock.monotonicMs();
    let best: Candidate | null = null;
    let equals = 0;
    for (const candidate of this.#all.values()) {
      if (candidate.connected || candidate.retryAtMs > nowMs) continue;
      const order = best === null ? -1 : compare(candidate, best);
      if (order < 0) {
        best = candidate;
        equals = 1;
      } else if (order === 0 && this.#random.integer(++equals) === 0) {
        best = candidate;
      }
    }
    if (best === null) return null;
    best.connected = true;
    return best;
  }

  /** Could not connect, or the handshake failed. `otherEncryption` asks for one try the other way at once. */
  failed(endpoint: Endpoint, otherEncryption: boolean): void {
    const candidate = this.#all.get(keyOf(endpoint));
    if (candidate === undefined) return;
    candidate.connected = false;
    candidate.tryOtherEncryption = otherEncryption && !candidate.tryOtherEncryption;
    if (candidate.tryOtherEncryption) return;
    if (++candidate.failures >= MAX_FAILURES && candidate.source !== "user") {
      this.#all.delete(keyOf(endpoint));
      return;
    }
    this.#delay(candidate);
  }

  /** A connection that worked has ended. */
  disconnected(endpoint: Endpoint, wasUseful: boolean): void {
    const candidate = this.#all.get(keyOf(endpoint));
    if (candidate === undefined) return;
    candidate.connected = false;
    candidate.failures = wasUseful ? 0 : candidate.failures + 1;
    this.#delay(candidate);
  }

  /** This side broke off of its own accord, which says nothing of the address. */
  released(endpoint: Endpoint): void {
    const candidate = this.#all.get(keyOf(endpoint));
    if (candidate !== undefined) candidate.connected = false;
  }

  /** Marks an address as in use by a connection that came in. */
  connected(endpoint: Endpoint): void {
    const candidate = this.#all.get(keyOf(endpoint));
    if (candidate !== undefined) candidate.connected = true;
  }

  isBanned(address: string): boolean {
    return this.#banned.has(address);
  }

  ban(address: string): void {
    this.#banned.add(address);
    for (const [key, candidate] of this.#all) {
      if (candidate.endpoint.address === address) this.#all.delete(key);
    }
  }

  /** The address had part in a good piece. */
  trust(address: string): void {
    this.#trust.set(address, Math.min(MOST_TRUST, this.#trustIn(address) + 1));
  }

  /** The address had part in a bad piece. @returns Whether it should be banned by now. */
  distrust(address: string): boolean {
    const trust = this.#trustIn(address) - 2;
    this.#trust.set(address, trust);
    return trust <= BAN_AT;
  }

  #trustIn(address: string): number {
    return this.#trust.get(address) ?? 0;
  }

  #delay(candidate: Candidate): void {
    const delayMs = Math.min(
      FIRST_RETRY_MS * 2 ** Math.max(0, candidate.failures - 1),
      LAST_RETRY_MS,
    );
    // Spread, so that a swarm that lost a peer does not fall on it all at once.
    const spreadMs = this.#random.integer(1 + Math.floor(delayMs / 4));
    candidate.retryAtMs = this.#clock.monotonicMs() + delayMs + spreadMs;
  }

  /** Makes room by forgetting the address that failed most. */
  #evict(): boolean {
    let worst: Candidate | null = null;
    for (const candidate of this.#all.values()) {
      if (!candidate.connected && candidate.failures > (worst?.failures ?? 0)) worst = candidate;
    }
    if (worst !== null) this.#all.delete(keyOf(worst.endpoint));
    return worst !== null;
  }
}

const SOURCE_ORDER: Readonly<Record<PeerSource, number>> = {
  user: 0,
  lsd: 1,
  tracker: 2,
  resume: 2,
  pex: 3,
  dht: 3,
  incoming: 4,
};

function compare(a: Candidate, b: Candidate): number {
  return a.failures - b.failures || SOURCE_ORDER[a.source] - SOURCE_ORDER[b.source];
}

export function keyOf(endpoint: Endpoint): string {
  return `${endpoint.address}|${endpoint.port}`;
}
