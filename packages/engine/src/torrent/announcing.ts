import type { Endpoint } from "@shoal/runtime";
import {
  type Announcer,
  type AnnouncerOptions,
  type AnnounceStats,
  createAnnouncer,
  type PeerSource as AnnounceSource,
  type TrackerStatus,
} from "@shoal/tracker";
import type { PortListener } from "../discovery/own-ports.ts";
import type { SoughtTorrent } from "../discovery/peer-finder.ts";
import type { TorrentServices } from "./services.ts";

/** What trackers are told where nobody can connect to this side: they refuse 0, and nothing listens at 1. */
const UNREACHABLE_PORT = 1;
const DONE = Promise.resolve();

/** A torrent as its trackers are told of it. */
export interface AnnouncedTorrent extends SoughtTorrent {
  readonly about: {
    /** Tracker URLs by tier. */
    readonly tiers: readonly (readonly string[])[];
    readonly magnet: object | null;
  };
  /** Those that were added. */
  readonly moreTiers: readonly (readonly string[])[];
  readonly totals: { readonly runUploadedBytes: number; readonly runDownloadedBytes: number };
  readonly active:
    | (SoughtTorrent["active"] & { readonly selection: { readonly leftBytes: number } | null })
    | null;
  /** A tracker has answered. */
  onPeers(peers: readonly Endpoint[], answer: AnnounceSource): void;
  /** The state of a tracker has changed. */
  onTrackers(): void;
}

/**
 * A torrent's trackers, told of it while it runs, and what else finds its peers. It is the options of its own
 * announcer: of ten thousand torrents each would have half a kilobyte of those.
 */
export class Announcing implements AnnouncerOptions, PortListener {
  readonly #services: TorrentServices;
  readonly #torrent: AnnouncedTorrent;
  #announcer: Announcer | null = null;
  #isWanted = false;
  #isLeaving = false;
  /** What ends the search without trackers. */
  #leaves: readonly (() => void)[] | null = null;
  #goodbye: Promise<void> = DONE;

  constructor(services: TorrentServices, torrent: AnnouncedTorrent) {
    this.#services = services;
    this.#torrent = torrent;
  }

  /** None before its turn has come, in a session of very many. */
  get trackers(): readonly TrackerStatus[] {
    return this.#announcer?.status() ?? [];
  }

  /** Begins, unless it has begun: once what was said before has been taken back. */
  start(): void {
    this.#isWanted = true;
    this.#leaves ??= this.#services.finders.map((finder) => finder.add(this.#torrent));
    if (this.#announcer !== null || this.#isLeaving) return;
    this.#services.announceStarts.enter(this, this.stats().leftBytes > 0);
  }

  /** Takes leave of the trackers that know of the torrent. */
  stop(): void {
    this.#isWanted = false;
    this.#services.announceStarts.leave(this);
    for (const leave of this.#leaves ?? []) leave();
    this.#leaves = null;
    this.#services.ports.unfollow(this);
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
    this.#announcer = createAnnouncer(this);
    this.#services.ports.follow(this);
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

  onPortChange(): void {
    this.#announcer?.portChanged();
  }

  // --- What the announcer goes by -----------------------------------------------------------------

  get client(): AnnouncerOptions["client"] {
    return this.#services.trackerClient;
  }
  get clock(): AnnouncerOptions["clock"] {
    return this.#services.clock;
  }
  get random(): AnnouncerOptions["random"] {
    return this.#services.random;
  }
  get pacer(): NonNullable<AnnouncerOptions["pacer"]> {
    return this.#services.pacer;
  }
  get peerId(): Uint8Array {
    return this.#services.peerId;
  }
  get tiers(): readonly (readonly string[])[] {
    const { about, moreTiers } = this.#torrent;
    return [...about.tiers, ...moreTiers];
  }
  /** A magnet link's trackers are told each; of private torrents one at a time is (BEP 27). */
  get everyTier(): boolean {
    return this.#torrent.about.magnet !== null && !this.#torrent.isPrivate;
  }
  get infoHashes(): readonly Uint8Array[] {
    return this.#torrent.swarmHashes;
  }
  port(): number {
    const { outside } = this.#services.ports;
    return outside === 0 ? UNREACHABLE_PORT : outside;
  }
  stats(): AnnounceStats {
    const { totals, isComplete, active } = this.#torrent;
    return {
      uploadedBytes: totals.runUploadedBytes,
      downloadedBytes: totals.runDownloadedBytes,
      leftBytes: isComplete ? 0 : (active?.selection?.leftBytes ?? 1),
    };
  }
  onPeers(peers: readonly Endpoint[], answer: AnnounceSource): void {
    this.#torrent.onPeers(peers, answer);
  }
  onState(): void {
    this.#torrent.onTrackers();
  }
}
