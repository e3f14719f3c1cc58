import { PEX_FLAG } from "@shoal/protocol";
import type { Clock, Endpoint, Random } from "@shoal/runtime";
import { type PeerSource, SOURCE_ORDER, SOURCE_SHARES } from "./peer-source.ts";

const MAX_CANDIDATES = 4000;
/** Addresses kept of those that one peer named: a liar has so many tries. */
const MAX_OF_INFORMANT = 100;
const FIRST_RETRY_MS = 15_000;
const LAST_RETRY_MS = 30 * 60_000;
const MAX_FAILURES = 8;
/** What strangers named and nobody ever answered at is not tried for long. */
const MAX_HEARSAY_FAILURES = 2;
/**
 * Who wants nothing and has met so many in a row that wanted nothing either tries one in a while from there on: where a
 * crowd completes, each would else try all others, one after another.
 */
const MAX_IN_VAIN = 8;
const PAUSE_IN_VAIN_MS = 1000;

/** What is known of an address beside itself. */
export interface CandidateFacts {
  /** Bits of `PEX_FLAG`. */
  readonly flags?: number;
  /** IP address of the peer that named it. */
  readonly informant?: string;
}

interface Candidate {
  readonly endpoint: Endpoint;
  source: PeerSource;
  /** The swarm that it was found in: its 20-byte infohash. */
  readonly infoHash: Uint8Array;
  /** Bits of `PEX_FLAG`, of all who named it and of itself. */
  flags: number;
  /** Who named it; null once a connection proved that it is there. */
  informant: string | null;
  failures: number;
  /** Not before this monotonic time. */
  retryAtMs: number;
  connected: boolean;
  /** When a connection to it last worked; -Infinity before the first. */
  lastSeenMs: number;
  /** BEP 40; undefined while it was not worked out. */
  priority: number | undefined;
  /** MSE, when a plain handshake failed, and the other way round. */
  tryOtherEncryption: boolean;
}

/** What is needed to try an address. */
export type NextCandidate = Pick<
  Candidate,
  "endpoint" | "infoHash" | "source" | "flags" | "informant" | "tryOtherEncryption"
>;

/** The addresses that a torrent knows of, and what came of trying them. Bounded. */
export class Candidates {
  /** This side wants nothing: who wants nothing either (BEP 21) is not tried. */
  skipUploadOnly = false;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #priorityOf: (endpoint: Endpoint) => number;
  readonly #all = new Map<string, Candidate>();
  readonly #bySource = new Map<PeerSource, number>();
  readonly #byInformant = new Map<string, number>();
  #isAllowed: (source: PeerSource) => boolean = () => true;
  /** Connections in a row that ended because neither side wanted anything. */
  #inVain = 0;
  #lastTryMs = -Infinity;

  /** @param priorityOf BEP 40, the higher the better; 0 while the own address is not known. */
  constructor(clock: Clock, random: Random, priorityOf: (endpoint: Endpoint) => number = () => 0) {
    this.#clock = clock;
    this.#random = random;
    this.#priorityOf = priorityOf;
  }

  get size(): number {
    return this.#all.size;
  }

  /** How many could be tried now. */
  get waiting(): number {
    const nowMs = this.#clock.monotonicMs();
    let count = 0;
    for (const candidate of this.#all.values()) if (this.#isDue(candidate, nowMs)) count++;
    return count;
  }

  /** @returns Whether the address is new. */
  add(
    endpoint: Endpoint,
    source: PeerSource,
    infoHash: Uint8Array,
    facts: CandidateFacts = {},
  ): boolean {
    if (endpoint.port === 0 || !this.#isAllowed(source)) return false;
    const { flags = 0, informant = null } = facts;
    const known = this.#all.get(keyOf(endpoint));
    if (known !== undefined) {
      known.flags |= flags;
      if (SOURCE_ORDER[source] < SOURCE_ORDER[known.source]) this.#setSource(known, source);
      return false;
    }
    if (informant !== null && (this.#byInformant.get(informant) ?? 0) >= MAX_OF_INFORMANT) {
      return false;
    }
    if (!this.#makeRoom(source)) return false;
    this.#all.set(keyOf(endpoint), {
      endpoint,
      source,
      infoHash,
      flags,
      informant,
      failures: 0,
      retryAtMs: -Infinity,
      connected: false,
      lastSeenMs: -Infinity,
      priority: undefined,
      tryOtherEncryption: false,
    });
    count(this.#bySource, source, 1);
    if (informant !== null) count(this.#byInformant, informant, 1);
    return true;
  }

  /** The next address to try; it counts as connected until {@link failed}, {@link disconnected} or {@link released}. */
  next(): NextCandidate | null {
    const nowMs = this.#clock.monotonicMs();
    if (this.#isPausing(nowMs)) return null;
    let best: Candidate | null = null;
    let equals = 0;
    for (const candidate of this.#all.values()) {
      if (!this.#isDue(candidate, nowMs)) continue;
      candidate.priority ??= this.#priorityOf(candidate.endpoint);
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
    this.#lastTryMs = nowMs;
    return best;
  }

  /** This address, out of turn, as {@link next} gives it; null when it is unknown or being used already. */
  take(endpoint: Endpoint): NextCandidate | null {
    const candidate = this.#all.get(keyOf(endpoint));
    if (candidate === undefined || candidate.connected) return null;
    candidate.connected = true;
    return candidate;
  }

  /** Could not connect, or the handshake failed. `otherEncryption` asks for one try the other way at once. */
  failed(endpoint: Endpoint, otherEncryption: boolean): void {
    const candidate = this.#all.get(keyOf(endpoint));
    if (candidate === undefined) return;
    candidate.connected = false;
    candidate.tryOtherEncryption = otherEncryption && !candidate.tryOtherEncryption;
    if (candidate.tryOtherEncryption) return;
    const most = isHearsay(candidate) ? MAX_HEARSAY_FAILURES : MAX_FAILURES;
    if (++candidate.failures >= most && candidate.source !== "user") {
      this.#forget(candidate);
      return;
    }
    this.#delay(candidate);
  }

  /** A connection that worked has ended. */
  disconnected(endpoint: Endpoint, wasUseful: boolean): void {
    const candidate = this.#all.get(keyOf(endpoint));
    if (candidate === undefined) return;
    candidate.connected = false;
    if (wasUseful) this.#inVain = 0;
    else if ((candidate.flags & PEX_FLAG.uploadOnly) !== 0) this.#inVain++;
    candidate.failures = wasUseful ? 0 : candidate.failures + 1;
    this.#delay(candidate);
  }

  /** This side broke off of its own accord, which says nothing of the address. */
  released(endpoint: Endpoint): void {
    const candidate = this.#all.get(keyOf(endpoint));
    if (candidate !== undefined) candidate.connected = false;
  }

  /** There is a working connection with the one who takes connections at this address. */
  connected(endpoint: Endpoint): void {
    const candidate = this.#all.get(keyOf(endpoint));
    if (candidate === undefined) return;
    candidate.connected = true;
    candidate.lastSeenMs = this.#clock.monotonicMs();
    this.#proven(candidate);
  }

  /** The one at this address said whether it wants anything more (BEP 21). */
  setUploadOnly(endpoint: Endpoint, isUploadOnly: boolean): void {
    const candidate = this.#all.get(keyOf(endpoint));
    if (candidate === undefined) return;
    if (isUploadOnly) candidate.flags |= PEX_FLAG.uploadOnly;
    else candidate.flags &= ~PEX_FLAG.uploadOnly;
  }

  /** Those who want nothing were of no use; now something is wanted, and they are due at once. */
  wantAgain(): void {
    for (const candidate of this.#all.values()) {
      if ((candidate.flags & PEX_FLAG.uploadOnly) !== 0) candidate.retryAtMs = -Infinity;
    }
  }

  /** This side's own address is another than before: priorities are worked out anew (BEP 40). */
  rankAnew(): void {
    for (const candidate of this.#all.values()) candidate.priority = undefined;
  }

  /** Forgets the addresses of all other sources, and takes none of them from here on. */
  restrictTo(isAllowed: (source: PeerSource) => boolean): void {
    this.#isAllowed = isAllowed;
    this.forgetWhere(({ source }) => !isAllowed(source));
  }

  forgetWhere(
    isUnwanted: (candidate: { endpoint: Endpoint; source: PeerSource }) => boolean,
  ): void {
    for (const candidate of [...this.#all.values()]) {
      if (isUnwanted(candidate)) this.#forget(candidate);
    }
  }

  #isPausing(nowMs: number): boolean {
    const isInVain = this.skipUploadOnly && this.#inVain >= MAX_IN_VAIN;
    return isInVain && nowMs < this.#lastTryMs + PAUSE_IN_VAIN_MS;
  }

  #isDue(candidate: Candidate, nowMs: number): boolean {
    if (candidate.connected || candidate.retryAtMs > nowMs) return false;
    return !this.skipUploadOnly || (candidate.flags & PEX_FLAG.uploadOnly) === 0;
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

  #setSource(candidate: Candidate, source: PeerSource): void {
    count(this.#bySource, candidate.source, -1);
    count(this.#bySource, source, 1);
    candidate.source = source;
    this.#proven(candidate);
  }

  /** The address is no longer only what one peer says. */
  #proven(candidate: Candidate): void {
    if (candidate.informant !== null) count(this.#byInformant, candidate.informant, -1);
    candidate.informant = null;
  }

  #forget(candidate: Candidate): void {
    if (!this.#all.delete(keyOf(candidate.endpoint))) return;
    count(this.#bySource, candidate.source, -1);
    this.#proven(candidate);
  }

  /** Makes room for one of this source, by forgetting the address that failed most or is worth least. */
  #makeRoom(source: PeerSource): boolean {
    const share = SOURCE_SHARES[source] ?? MAX_CANDIDATES;
    const isShareFull = (this.#bySource.get(source) ?? 0) >= share;
    if (!isShareFull && this.#all.size < MAX_CANDIDATES) return true;
    let worst: Candidate | null = null;
    for (const candidate of this.#all.values()) {
      if (candidate.connected || (isShareFull && candidate.source !== source)) continue;
      const isWorth =
        candidate.failures > 0 || SOURCE_ORDER[candidate.source] > SOURCE_ORDER[source];
      if (isWorth && (worst === null || compareWorth(candidate, worst) < 0)) worst = candidate;
    }
    if (worst !== null) this.#forget(worst);
    return worst !== null;
  }
}

/** Named by strangers, and nobody was ever met there. */
function isHearsay({ source, lastSeenMs }: Candidate): boolean {
  return (source === "pex" || source === "dht") && lastSeenMs === -Infinity;
}

/**
 * Who failed least comes first; whom the user named; who was longest not met, or never; by source; by
 * canonical priority (BEP 40).
 */
function compare(a: Candidate, b: Candidate): number {
  if (a.failures !== b.failures) return a.failures - b.failures;
  const byUser = Number(b.source === "user") - Number(a.source === "user");
  if (byUser !== 0) return byUser;
  if (a.lastSeenMs !== b.lastSeenMs) return a.lastSeenMs < b.lastSeenMs ? -1 : 1;
  return SOURCE_ORDER[a.source] - SOURCE_ORDER[b.source] || b.priority! - a.priority!;
}

/** Less than 0 when `a` is worth less than `b`. */
function compareWorth(a: Candidate, b: Candidate): number {
  return b.failures - a.failures || SOURCE_ORDER[b.source] - SOURCE_ORDER[a.source];
}

function count<Key>(counts: Map<Key, number>, key: Key, change: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + change;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}

export function keyOf(endpoint: Endpoint): string {
  return `${endpoint.address}|${endpoint.port}`;
}
