import type { TrackerPeer } from "@shoal/protocol";
import type { Clock, Random } from "@shoal/runtime";

import { createDeadline } from "../client/deadline.ts";
import type { TrackerClient } from "../client/tracker-client.ts";
import type { AnnouncePacer } from "./announce-pacer.ts";
import { TrackerChain } from "./tracker-chain.ts";
import { TrackerEntry } from "./tracker-entry.ts";
import type { AnnounceContext, AnnounceStats, PeerSource, TrackerState } from "./tracker-entry.ts";

export interface AnnouncerOptions {
  readonly client: TrackerClient;
  readonly clock: Clock;
  readonly random: Random;
  /** Tracker URLs by tier (BEP 12). */
  readonly tiers: readonly (readonly string[])[];
  /**
   * Announces to one tracker of each tier, instead of to one in all. Magnet links give every
   * tracker a tier of its own and mean it so.
   */
  readonly everyTier?: boolean;
  /** 20 bytes each: one, or for a hybrid torrent the v1 and the truncated v2 infohash (BEP 52). */
  readonly infoHashes: readonly Uint8Array[];
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** Where this peer takes connections now. After a change, {@link Announcer.portChanged} says so. */
  readonly port: () => number;
  readonly stats: () => AnnounceStats;
  /** Peers to ask each tracker for; 80 when absent. */
  readonly numWant?: number;
  /** Floor under the intervals that trackers ask for; 30 s when absent. */
  readonly minIntervalMs?: number;
  /** Spreads the announces of many torrents; each goes as it is due when absent. */
  readonly pacer?: AnnouncePacer;
  /** Called for each answer, also for one without peers. */
  readonly onPeers: (peers: readonly TrackerPeer[], source: PeerSource) => void;
  /** Called when `status()` has changed. */
  readonly onState?: () => void;
}

/** What a user sees of one tracker. Dates are milliseconds since 1970. */
export interface TrackerStatus {
  readonly url: string;
  readonly tier: number;
  readonly state: TrackerState;
  readonly lastAnnounceMs: number | null;
  /** Null when none is planned: it is not this tracker's turn, or it will not be asked again. */
  readonly nextAnnounceMs: number | null;
  /** Why the last announce failed and what to do; null when it did not. */
  readonly error: string | null;
  readonly errorCode: string | null;
  readonly warning: string | null;
  readonly seeders: number | null;
  readonly leechers: number | null;
  /** Peers of the last answer. */
  readonly peers: number;
}

/** Keeps one torrent known to its trackers. */
export interface Announcer {
  /** Tells the trackers that the download is complete. */
  completed(): void;
  /** Tells the trackers at once of another port: until then nobody that they name it to gets in. */
  portChanged(): void;
  /** Announces as soon as each tracker's `min interval` allows. */
  announceNow(): void;
  /** Adds a tracker in a tier of its own, after the others. A known one stays where it is. */
  addTracker(url: string): void;
  status(): readonly TrackerStatus[];
  /** Ends all announces and says `stopped` to the trackers that know this peer, within 3 s. */
  close(): Promise<void>;
}

const DEFAULT_NUM_WANT = 80;
const DEFAULT_MIN_INTERVAL_MS = 30_000;

/** A program that is being closed should not hang on trackers that do not answer. */
const STOP_TIMEOUT_MS = 3_000;

/**
 * Announces a torrent from now until it is closed (BEP 3, 12, 31): shuffles each tier, keeps to what
 * works, waits as long as trackers say, and backs off from those that fail. The first announce goes
 * out after the caller has returned.
 */
export function createAnnouncer(options: AnnouncerOptions): Announcer {
  return new TorrentAnnouncer(options);
}

/**
 * An announcer, and what its trackers share. A session has thousands: a class, since closures and an object of
 * the options would take a kilobyte more of each.
 */
class TorrentAnnouncer implements Announcer, AnnounceContext {
  readonly #options: AnnouncerOptions;
  /** Ends what is under way. Only there meanwhile: it takes half a kilobyte, and announces are half an hour apart. */
  #ending: AbortController | null = null;
  #underWay = 0;
  #isClosed = false;
  readonly #chains: TrackerChain[];
  readonly key: number;
  #isCompleted = false;
  #closed: Promise<void> | null = null;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    const { random, everyTier } = options;
    this.key = random.integer(2 ** 32);
    const tiers = dropRepeated(options.tiers).map((urls, tier) =>
      shuffle(urls, random).map((url) => new TrackerEntry(url, tier, this)),
    );
    this.#chains =
      everyTier === true ? tiers.map((tier) => this.#chain([tier])) : [this.#chain(tiers)];
  }

  get client(): TrackerClient {
    return this.#options.client;
  }
  get clock(): Clock {
    return this.#options.clock;
  }
  get random(): Random {
    return this.#options.random;
  }
  get infoHashes(): readonly Uint8Array[] {
    return this.#options.infoHashes;
  }
  get peerId(): Uint8Array {
    return this.#options.peerId;
  }
  get numWant(): number {
    return this.#options.numWant ?? DEFAULT_NUM_WANT;
  }
  get minIntervalMs(): number {
    return this.#options.minIntervalMs ?? DEFAULT_MIN_INTERVAL_MS;
  }
  get pacer(): AnnouncePacer | undefined {
    return this.#options.pacer;
  }
  get isClosed(): boolean {
    return this.#isClosed;
  }
  get isCompleted(): boolean {
    return this.#isCompleted;
  }
  async during<Result>(act: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    this.#ending ??= new AbortController();
    this.#underWay++;
    try {
      return await act(this.#ending.signal);
    } finally {
      if (--this.#underWay === 0) this.#ending = null;
    }
  }
  port(): number {
    return this.#options.port();
  }
  stats(): AnnounceStats {
    return this.#options.stats();
  }
  onPeers(peers: readonly TrackerPeer[], source: PeerSource): void {
    this.#options.onPeers(peers, source);
  }
  onState(): void {
    this.#options.onState?.();
  }

  completed(): void {
    if (this.#isCompleted || this.#isClosed) return;
    this.#isCompleted = true;
    for (const chain of this.#chains) chain.announceEvent();
  }

  portChanged(): void {
    for (const chain of this.#chains) chain.announceEvent();
  }

  announceNow(): void {
    for (const chain of this.#chains) chain.announceNow();
  }

  addTracker(url: string): void {
    const known = this.#trackers();
    if (this.#isClosed || known.some((tracker) => tracker.url === url)) return;
    const tier = Math.max(-1, ...known.map((tracker) => tracker.tier)) + 1;
    const entries = [new TrackerEntry(url, tier, this)];
    if (this.#options.everyTier === true) this.#chains.push(this.#chain([entries]));
    else this.#chains[0]!.addTier(entries);
    this.onState();
  }

  status(): readonly TrackerStatus[] {
    // Asked of ten thousand torrents at once, most of which have one tracker.
    const found: TrackerStatus[] = [];
    for (const chain of this.#chains) {
      for (const tier of chain.tiers) {
        for (const tracker of tier) found.push(this.#statusOf(chain, tracker));
      }
    }
    return found.length < 2 ? found : found.sort((a, b) => a.tier - b.tier);
  }

  close(): Promise<void> {
    this.#closed ??= this.#stop();
    return this.#closed;
  }

  #chain(tiers: TrackerEntry[][]): TrackerChain {
    return new TrackerChain(tiers, this);
  }

  #trackers(): TrackerEntry[] {
    return this.#chains.flatMap((chain) => chain.trackers);
  }

  #statusOf(chain: TrackerChain, tracker: TrackerEntry): TrackerStatus {
    const { url, tier, state, lastAnnounceMs, error, warning, seeders, leechers } = tracker;
    const nextMs = this.#isClosed ? null : chain.nextAnnounceMs(tracker);
    return {
      url,
      tier,
      state,
      lastAnnounceMs,
      nextAnnounceMs: nextMs === null ? null : this.#toDateMs(nextMs),
      error: error?.message ?? null,
      errorCode: error?.code ?? null,
      warning,
      seeders,
      leechers,
      peers: tracker.peerCount,
    };
  }

  #toDateMs(monotonicMs: number): number {
    const { clock } = this.#options;
    return clock.nowMs() + Math.max(0, monotonicMs - clock.monotonicMs());
  }

  async #stop(): Promise<void> {
    this.#isClosed = true;
    this.#ending?.abort();
    for (const chain of this.#chains) chain.stop();
    const deadline = createDeadline(this.clock, STOP_TIMEOUT_MS);
    await Promise.all(this.#trackers().map((tracker) => tracker.stop(deadline.signal)));
    deadline.clear();
  }
}

/** Torrents repeat trackers, within a tier and over tiers: the first mention counts. */
function dropRepeated(tiers: readonly (readonly string[])[]): string[][] {
  const seen = new Set<string>();
  return tiers
    .map((urls) => urls.filter((url) => !seen.has(url) && seen.add(url)))
    .filter((urls) => urls.length > 0);
}

/** Fisher and Yates's shuffle. */
function shuffle<Item>(items: readonly Item[], random: Random): Item[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
  }
  return shuffled;
}
