import type { Metainfo } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import type { PeerSource as AnnounceSource } from "@shoal/tracker";
import { SessionError } from "../errors.ts";
import type { OpenedConnection } from "../peer/dial.ts";
import type { PeerSource } from "../swarm/peer-source.ts";
import { ActiveTorrent } from "./active-torrent.ts";
import { type AnnouncedTorrent, Announcing } from "./announcing.ts";
import { Callers, turnAway } from "./callers.ts";
import { NOTHING_KNOWN, type TorrentSummary } from "./entry.ts";
import { type LivingTorrent, TorrentLife } from "./life.ts";
import type { MetadataIdentity } from "./metadata-exchange.ts";
import type { CoreServices, CoreInit } from "./core-services.ts";
import { deriveState } from "./derive-state.ts";
import type { TorrentOptions } from "./options.ts";
import { settingsOf, type TorrentSettings, type Wishes } from "./settings.ts";
import {
  isMetainfo,
  nameOf,
  type SourceDescription,
  swarmsOf,
  type TorrentSource,
} from "./source.ts";
import { isSlow, summarise } from "./summarise.ts";
import type { TorrentEvent, TorrentState } from "./status.ts";
import { Totals } from "./totals.ts";

/** A torrent gives up its parts so long after they were last needed. */
const SLEEP_AFTER_MS = 60_000;
const NOTHING_LEFT = Promise.resolve();

/**
 * A torrent as its session sees it. It always has an identity, a state, its totals and its place in the
 * queue, and announces itself while it runs; the parts that move data are there only while they are
 * needed, and asleep a torrent is some kilobytes.
 *
 * Invariant: the state follows from the facts, and `#refresh` is the only place that changes it.
 */
export class TorrentCore implements AnnouncedTorrent, LivingTorrent {
  readonly infoHash: string;
  readonly identity: MetadataIdentity;
  /** 20 bytes each: v1, then v2 truncated. */
  readonly swarmHashes: readonly Uint8Array[];
  options: TorrentOptions;
  readonly settings: TorrentSettings;
  readonly totals: Totals;
  readonly life: TorrentLife;
  /** What is known of it beside its metadata. */
  readonly about: Omit<SourceDescription, "source">;
  /** Tracker URLs that were added to its own. */
  readonly moreTiers: (readonly string[])[];
  readonly moreWebSeeds: string[];
  /** Its place in the queue is by this number. */
  order = 0;
  readonly services: CoreServices<TorrentCore>;
  #source: TorrentSource | null;
  #summary: TorrentSummary;
  #active: ActiveTorrent | null = null;
  #waking: Promise<void> | null = null;
  /** The parts of before, on their way out. */
  #leaving: Promise<void> = NOTHING_LEFT;
  readonly announcing: Announcing;
  readonly #callers = new Callers();
  /** How many need it awake. */
  #holds = 0;
  #isAdmitted = false;
  #runningSinceMs: number;
  #neededAtMs: number;
  #closing: Promise<void> | null = null;

  constructor(init: CoreInit<TorrentCore>) {
    const { services, identity, options, tiers, webSeeds, magnet } = init;
    this.services = services;
    this.identity = identity;
    this.infoHash = nameOf(identity);
    this.swarmHashes = swarmsOf(identity);
    this.options = options;
    this.settings = settingsOf(options);
    this.about = { name: init.name, tiers, webSeeds, magnet };
    this.moreTiers = [...(options.trackers ?? [])];
    this.moreWebSeeds = [...(options.webSeeds ?? [])];
    this.#source = init.source;
    this.#summary = init.summary ?? NOTHING_KNOWN;
    this.totals = init.totals ?? new Totals(services.clock);
    this.#runningSinceMs = this.#neededAtMs = services.clock.monotonicMs();
    this.announcing = new Announcing(services, this);
    this.life = new TorrentLife(
      this,
      this.settings.paused ? "paused" : "queued",
      services.runtime.log,
    );
  }

  get state(): TorrentState {
    return this.life.state;
  }
  /** Null while the torrent sleeps. */
  get active(): ActiveTorrent | null {
    return this.#active;
  }
  get metainfo(): Metainfo | null {
    const known = this.#active?.metadata.metainfo ?? null;
    if (known !== null || this.#source === null) return known;
    return isMetainfo(this.#source) ? this.#source : null;
  }
  get name(): string {
    return this.metainfo?.name ?? this.about.name ?? this.infoHash;
  }
  get isComplete(): boolean {
    const active = this.#active;
    if (active === null) return this.#summary.isComplete;
    // Once complete it counts as complete until its files say otherwise.
    const mayBelieve = active.isOpening || active.transfer?.picker.isComplete === true;
    return active.isComplete || (this.#summary.isComplete && mayBelieve);
  }
  get isPrivate(): boolean {
    return this.metainfo?.isPrivate ?? this.#summary.isPrivate;
  }
  get ratio(): number {
    return this.totals.ratio(this.summary.verifiedBytes);
  }
  get summary(): TorrentSummary {
    const known = this.#active === null ? null : summarise(this.#active, this.isComplete);
    return known ?? this.#summary;
  }

  // --- For the queue ----------------------------------------------------------------------------

  /** Its user wants it to run, and nothing is in the way. */
  get isWanted(): boolean {
    return !this.settings.paused && this.life.error === null && this.state !== "closed";
  }
  /** Runs, and moves next to nothing. */
  get isSlow(): boolean {
    if (!this.#isAdmitted) return false;
    if (this.#active === null) return this.isComplete;
    return isSlow(this.#active, this.services.clock.monotonicMs() - this.#runningSinceMs);
  }
  get isAdmitted(): boolean {
    return this.#isAdmitted;
  }

  /** The queue's word on whether it may run. */
  admit(may: boolean): void {
    if (may && !this.#isAdmitted) this.#runningSinceMs = this.services.clock.monotonicMs();
    this.#isAdmitted = may;
    this.#refresh();
    // What waits in the queue for its first turn keeps nothing in memory that the list has.
    if (this.#active === null && this.services.keepsTorrents) this.#source = null;
  }

  // --- What users ask for -----------------------------------------------------------------------

  /** Makes the parts that work, if they are not there. @throws {SessionError} `closed`; {StoreError}. */
  async wake(): Promise<ActiveTorrent> {
    this.#neededAtMs = this.services.clock.monotonicMs();
    if (this.#active === null) await (this.#waking ??= this.#load());
    if (this.#active === null) throw new SessionError("closed", "the torrent is closed");
    return this.#active;
  }

  /** @returns A function that lets it sleep again. */
  keepAwake(): () => void {
    let held = 1;
    this.#holds++;
    return () => {
      this.#holds -= held;
      held = 0;
    };
  }

  /** Does something with the parts that work: now where they are there, else once they are. */
  whenAwake(act: (active: ActiveTorrent) => void): void {
    if (this.#active !== null) return act(this.#active);
    this.wake().then(act, () => {});
  }

  addPeers(peers: readonly Endpoint[], source: PeerSource, infoHash?: Uint8Array): void {
    this.whenAwake((active) => active.addPeers(peers, source, infoHash));
  }

  /** Something of its settings has changed. */
  applySettings(): void {
    this.#active?.applySettings();
    this.services.onChanged(this);
  }

  pause(): void {
    if (this.settings.paused || !this.isWanted) return;
    this.settings.paused = true;
    this.#changed();
  }

  resume(): void {
    if (this.state === "closed" || this.isWanted) return;
    const failed = this.life.error !== null;
    this.settings.paused = false;
    this.life.forgive();
    const active = this.#active;
    if (failed && active !== null && active.transfer === null && !active.isOpening) active.open();
    this.#changed();
    if (failed) active?.checkCompletion();
  }

  /** Lets go of the parts that work; the next ones find out anew what is here. */
  reopen(wishes: Wishes): void {
    this.#source = this.metainfo ?? this.#source;
    this.settings.wishes = { ...this.settings.wishes, ...wishes };
    this.#retire();
    this.#summary = { ...this.#summary, isComplete: false };
    this.life.forgive();
    this.#waking ??= this.#load();
    this.#waking.catch(() => {});
    this.#changed();
  }

  /** Takes in a connection of this torrent, which wakes for it. @param source Where this side spoke first. */
  accept(opened: OpenedConnection, source: PeerSource | null = null): void {
    const active = this.#active;
    if (active !== null && (active.isReachable || !this.isComplete)) {
      this.#neededAtMs = this.services.clock.monotonicMs();
      return active.swarm.accept(opened, source);
    }
    if (this.state !== "seeding") return turnAway(opened);
    if (this.#callers.add(opened)) this.wake().catch(() => this.#callers.turnAway());
  }

  /** Called about once a second while it is awake. */
  tick(nowMs: number): void {
    const active = this.#active;
    if (active === null) return;
    active.tick(nowMs);
    if (!this.services.keepsTorrents) return;
    const { swarm, isOpening } = active;
    const isBusy = isOpening || this.#holds + swarm.peers.size > 0;
    const isWaiting = this.state === "downloading" || this.state === "metadata";
    if (isBusy || isWaiting) this.#neededAtMs = nowMs;
    else if (nowMs - this.#neededAtMs >= SLEEP_AFTER_MS) this.#sleep();
  }

  /** Stops, says goodbye to peers and trackers, and keeps what is to be kept. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.announcing.stop();
    this.#callers.turnAway();
    this.totals.occupy("idle");
    await this.#waking?.catch(() => {});
    this.#retire();
    await Promise.all([this.#leaving, this.announcing.whenGone()]);
    this.life.close();
    await this.services.onClosed(this);
  }

  async #load(): Promise<void> {
    try {
      await this.#leaving;
      const source = this.#source ?? (await this.services.loadSource(this));
      if (this.#closing === null && this.#active === null) this.#rouse(source);
    } catch (error) {
      if (this.#closing === null) this.#failed(error as Error);
      throw error;
    } finally {
      this.#waking = null;
    }
  }

  #rouse(source: TorrentSource): void {
    this.#source = source;
    this.#neededAtMs = this.services.clock.monotonicMs();
    this.#active = new ActiveTorrent({
      services: this.services,
      source,
      core: this,
      owner: {
        onStage: () => this.#refresh(),
        onComplete: (isFresh) => this.#completed(isFresh),
        onFailed: (error) => this.#failed(error),
        onMoved: (dir) => {
          this.options = { ...this.options, dir };
          this.services.onChanged(this);
        },
        onPrivate: () => this.announcing.restart(),
      },
    });
    this.services.onAwake(this, true);
    this.#active.open();
  }

  #sleep(): void {
    this.#source = null;
    this.#retire();
    this.services.onChanged(this);
  }

  /** Lets go of the parts that work; they finish what they have begun. */
  #retire(): void {
    const active = this.#active;
    if (active === null) return;
    this.#summary = this.summary;
    this.#active = null;
    this.services.onAwake(this, false);
    const { log } = this.services.runtime;
    this.#leaving = active
      .close()
      .catch((error: unknown) => {
        log.warn("a torrent did not close in order", { infoHash: this.infoHash, error });
      })
      .then(() => this.totals.follow(null));
  }

  // --- For its trackers and its session -----------------------------------------------------------

  onTrackers(): void {
    this.services.onTrackers(this);
  }
  onEvent(event: TorrentEvent): void {
    this.services.onEvent(this, event);
  }

  /** A tracker has answered: a seed that sleeps wakes for leechers alone. */
  onPeers(peers: readonly Endpoint[], answer: AnnounceSource): void {
    const { infoHash, trackerUrl, externalIp, leechers } = answer;
    if (externalIp !== null) this.services.externalAddress.vote(externalIp, trackerUrl);
    const isNeeded = peers.length > 0 && leechers !== 0 && this.services.mayWake();
    if (this.#active === null && !isNeeded) return;
    this.whenAwake((active) => active.addTrackerPeers(peers, trackerUrl, infoHash));
  }

  // --- State ------------------------------------------------------------------------------------

  /** The queue comes first: it may let the torrent run at once. */
  #changed(): void {
    this.services.onChanged(this);
    this.#refresh();
  }

  /** Draws the consequences of what has changed. */
  #refresh(): void {
    if (this.#closing !== null) return;
    if (this.#summary.isComplete && !this.isComplete) {
      this.#summary = { ...this.#summary, isComplete: false };
      this.services.onChanged(this);
    }
    this.life.enter(deriveState(this, this.#source));
    // A listener may have changed it again.
    const { state } = this.life;
    const isRunning = state !== "paused" && state !== "queued" && state !== "error";
    this.totals.occupy(!isRunning ? "idle" : state === "seeding" ? "seeding" : "downloading");
    if (isRunning && this.#active === null && !this.isComplete) this.#begin();
    const isReachable = this.#active?.isReachable ?? this.isComplete;
    if (isRunning && isReachable) this.#connect();
    else if (!isRunning) this.#disconnect(state);
  }

  #begin(): void {
    if (this.#source !== null && this.#waking === null) this.#rouse(this.#source);
    else this.wake().catch(() => {});
  }

  #connect(): void {
    this.announcing.start();
    const active = this.#active;
    if (active === null) return;
    active.connect();
    for (const caller of this.#callers.take()) active.swarm.accept(caller);
  }

  #disconnect(state: TorrentState): void {
    const words = { paused: "was paused", queued: "waits in the queue", error: "has failed" };
    this.#active?.disconnect(`the torrent ${words[state as keyof typeof words]}`);
    this.announcing.stop();
    this.#callers.turnAway();
  }

  #completed(isFresh: boolean): void {
    const wasKnown = this.#summary.isComplete;
    this.#summary = { ...this.summary, isComplete: true };
    if (isFresh || !wasKnown) this.totals.completedAtMs ??= this.services.clock.nowMs();
    this.#refresh();
    // Trackers count downloads, not files that were here already.
    if (isFresh) this.announcing.completed();
    if (!wasKnown) this.life.emit({ type: "complete" });
    this.services.onChanged(this);
  }

  #failed(error: Error): void {
    this.life.blame(error);
    this.#refresh();
    this.life.emit({ type: "error", error });
    this.services.onChanged(this);
  }
}
