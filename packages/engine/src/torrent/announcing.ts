import type { Endpoint } from "@shoal/runtime";
import {
  type Announcer,
  type AnnounceStats,
  createAnnouncer,
  type PeerSource as AnnounceSource,
  type TrackerStatus,
} from "@shoal/tracker";
import type { SoughtTorrent } from "../discovery/peer-finder.ts";
import type { TorrentServices } from "./services.ts";

/** What trackers are told where nobody can connect to this side: they refuse 0, and nothing listens at 1. */
const UNREACHABLE_PORT = 1;

/** A torrent's trackers, told of it while it runs, and what else finds its peers. */
export class Announcing {
  readonly #services: TorrentServices;
  readonly #sought: SoughtTorrent;
  readonly #torrent: {
    tiers: () => readonly (readonly string[])[];
    everyTier: () => boolean;
    infoHashes: readonly Uint8Array[];
    stats: () => AnnounceStats;
    onPeers: (peers: readonly Endpoint[], source: AnnounceSource) => void;
  };
  #announcer: Announcer | null = null;
  #forgetPort: (() => void) | null = null;
  #isWanted = false;
  #isLeaving = false;
  /** What ends the search without trackers. */
  #leaves: (() => void)[] | null = null;
  #goodbye: Promise<void> = Promise.resolve();

  constructor(
    services: TorrentServices,
    sought: SoughtTorrent,
    torrent: {
      /** Tracker URLs by tier. */
      tiers: () => readonly (readonly string[])[];
      everyTier: () => boolean;
      /** 20 bytes each. */
      infoHashes: readonly Uint8Array[];
      stats: () => AnnounceStats;
      onPeers: (peers: readonly Endpoint[], source: AnnounceSource) => void;
    },
  ) {
    this.#services = services;
    this.#sought = sought;
    this.#torrent = torrent;
  }

  /** None before its turn has come, in a session of very many. */
  get trackers(): readonly TrackerStatus[] {
    return this.#announcer?.status() ?? [];
  }

  /** Begins, unless it has begun: once what was said before has been taken back. */
  start(): void {
    this.#isWanted = true;
    this.#leaves ??= this.#services.finders.map((finder) => finder.add(this.#sought));
    if (this.#announcer !== null || this.#isLeaving) return;
    this.#services.announceStarts.enter(this, this.#torrent.stats().leftBytes > 0);
  }

  /** Takes leave of the trackers that know of the torrent. */
  stop(): void {
    this.#isWanted = false;
    this.#services.announceStarts.leave(this);
    for (const leave of this.#leaves ?? []) leave();
    this.#leaves = null;
    this.#forgetPort?.();
    this.#forgetPort = null;
    const announcer = this.#announcer;
    this.#announcer = null;
    if (announcer === null) return;
    this.#isLeaving = true;
    this.#goodbye = announcer.close().then(() => {
      this.#isLeaving = false;
      if (this.#isWanted) this.start();
    });
  }

  /** Begins anew, with other tiers. */
  restart(): void {
    if (!this.#isWanted) return;
    this.stop();
    this.start();
  }

  /** It is its turn. */
  begin(): void {
    const { clock, random, peerId, ports, trackerClient, pacer } = this.#services;
    const announcer = createAnnouncer({
      ...this.#torrent,
      tiers: this.#torrent.tiers(),
      everyTier: this.#torrent.everyTier(),
      client: trackerClient,
      clock,
      random,
      peerId,
      port: () => (ports.outside === 0 ? UNREACHABLE_PORT : ports.outside),
      pacer,
    });
    this.#announcer = announcer;
    this.#forgetPort = ports.onChange(() => announcer.portChanged());
  }

  completed(): void {
    this.#announcer?.completed();
  }

  addTracker(url: string): void {
    this.#announcer?.addTracker(url);
  }

  /** Announces as soon as the trackers allow. */
  now(): void {
    if (this.#isWanted && this.#announcer === null && !this.#isLeaving) {
      this.#services.announceStarts.enter(this, true);
    } else this.#announcer?.announceNow();
  }

  /** Resolves once all that was begun has ended, within 3 s of {@link stop}. */
  async whenGone(): Promise<void> {
    await this.#goodbye;
  }
}
