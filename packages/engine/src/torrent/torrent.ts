import type { Metainfo } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import type { Announcer } from "@shoal/tracker";
import type { OpenedConnection } from "../peer/dial.ts";
import type { PeerView } from "../peer/peer-view.ts";
import type { PeerSource } from "../swarm/peer-source.ts";
import { ActiveTorrent } from "./active-torrent.ts";
import type { StreamOptions } from "../streaming/stream-file.ts";
import { announceTorrent } from "./announce-torrent.ts";
import { describeTorrent } from "./describe-torrent.ts";
import { TorrentLife } from "./life.ts";
import type { FilePriority, FilePriorityName } from "./file-priority.ts";
import type { TorrentOptions, TorrentServices } from "./options.ts";
import { identify, isMetainfo, nameOf, swarmsOf, type TorrentSource } from "./source.ts";
import type { FileStatus, TorrentEvent, TorrentState, TorrentStatus } from "./status.ts";
import type { WebSeedStatus } from "../web-seed/web-seed-status.ts";
import type { Transfer } from "./transfer.ts";

/** One torrent of a session, from its metadata to seeding. */
export class Torrent {
  /** Hex: of v1 where the torrent has one, else of v2 whole. */
  readonly infoHash: string;
  /** The 20-byte infohashes that connections and trackers use: v1, then v2 truncated. */
  readonly swarmHashes: readonly Uint8Array[];
  readonly dir: string;
  readonly #services: TorrentServices;
  readonly #options: TorrentOptions;
  readonly #source: TorrentSource;
  readonly #life: TorrentLife;
  readonly #active: ActiveTorrent;
  #announcer: Announcer | null = null;
  #closing: Promise<void> | null = null;
  /** What is still said to trackers that are not asked any more. */
  #goodbye: Promise<void> = Promise.resolve();

  constructor(services: TorrentServices, source: TorrentSource, options: TorrentOptions) {
    this.#services = services;
    this.#options = options;
    this.#source = source;
    this.dir = options.dir;
    const identity = identify(source);
    this.infoHash = nameOf(identity);
    this.swarmHashes = swarmsOf(identity);
    const { log } = services.runtime;
    this.#life = new TorrentLife(isMetainfo(source) ? "checking" : "metadata", log);
    this.#active = new ActiveTorrent({
      services,
      source,
      options,
      life: this.#life,
      owner: {
        onReachable: () => this.#startNetwork(),
        onPrivate: () => this.#becomePrivate(),
        onComplete: (transfer) => this.#completed(transfer),
        onFailed: (error) => this.#life.fail(error),
      },
    });
  }

  /** Null while the metadata of a magnet link is being fetched. */
  get metainfo(): Metainfo | null {
    return this.#active.metadata.metainfo;
  }
  get name(): string {
    return this.metainfo?.name ?? this.#source.name ?? this.infoHash;
  }
  get state(): TorrentState {
    return this.#life.state;
  }
  get peers(): readonly PeerView[] {
    return [...this.#active.swarm.peers];
  }
  /** Empty while the metadata is missing. */
  get files(): readonly FileStatus[] {
    return this.#active.files.list();
  }

  status(): TorrentStatus {
    const { selection, transfer, swarm, checked, downloadLimiter } = this.#active;
    return describeTorrent({
      infoHash: this.infoHash,
      name: this.name,
      state: this.#life.state,
      error: this.#life.error,
      metainfo: this.metainfo,
      selection,
      transfer,
      swarm,
      webSeeds: this.webSeeds(),
      checked,
      trackers: this.#announcer?.status() ?? [],
      limiters: [downloadLimiter, this.#services.downloadLimiter],
      nowMs: this.#services.clock.monotonicMs(),
    });
  }

  /**
   * Calls `listener` for each event. What it throws is logged, and concerns nobody else.
   * @returns A function that removes it.
   */
  on(listener: (event: TorrentEvent) => void): () => void {
    return this.#life.on(listener);
  }

  /** The events from now on, until the torrent is closed or `signal` is aborted. */
  events(signal?: AbortSignal): AsyncIterableIterator<TorrentEvent> {
    return this.#life.events(signal);
  }

  /**
   * Resolves once every wanted byte is verified and on disk.
   * @throws {TorrentError} when the torrent stops with an error; {SessionError} `closed`.
   */
  async whenComplete(signal?: AbortSignal): Promise<void> {
    await this.#life.reach(() => this.#active.isComplete, signal);
  }

  /**
   * Resolves once the metadata is known and what is on disk was checked.
   * @throws as {@link whenComplete}.
   */
  async whenReady(signal?: AbortSignal): Promise<void> {
    await this.#life.reach(() => this.#active.transfer !== null, signal);
  }

  /** Begins: checks files, connects, announces. Called by the session. */
  start(): void {
    this.#active.open();
  }

  addPeers(peers: readonly Endpoint[], source: PeerSource = "user"): void {
    this.#active.addPeers(peers, source);
  }

  /** The web seeds (BEP 19), as they are now. */
  webSeeds(): readonly WebSeedStatus[] {
    return this.#active.webSeeds.status();
  }

  /**
   * Fetches data over HTTP also from here; see BEP 19 for what the URL means.
   * @returns false when it is known already, or there are too many.
   * @throws {TypeError} when it is no http or https URL.
   */
  addWebSeed(url: string): boolean {
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
      throw new TypeError(`Expected an http or https URL, got ${url}.`);
    }
    return this.#active.webSeeds.add(url, "user");
  }

  /** Ends its requests and forgets it. @returns whether it was known. */
  removeWebSeed(url: string): boolean {
    return this.#active.webSeeds.remove(url);
  }

  addTracker(url: string): void {
    this.#announcer?.addTracker(url);
  }

  /** Asks the trackers for peers as soon as they allow. */
  announceNow(): void {
    this.#announcer?.announceNow();
  }

  /**
   * Says how much files are wanted: 0 or `skip` to 7 or `top`, 4 is `normal`. A piece that files share
   * takes the highest. Waits for the metadata and the check; is remembered in resume data.
   * @throws {RangeError} for a priority or a file that does not exist; as {@link whenComplete}.
   */
  async setFilePriority(
    files: number | readonly number[],
    priority: FilePriority | FilePriorityName,
  ): Promise<void> {
    await this.#active.files.setPriority(files, priority);
  }

  /**
   * Gives a file another path below the torrent's folder, made safe; remembered. A file that is there is
   * renamed, durably.
   * @param path With `/` between its components.
   * @throws {TorrentError} `name-taken` when another file of the torrent has it; {DiskError} `exists` when
   * something else stands there; {RangeError}; as {@link whenComplete}.
   */
  async renameFile(fileIndex: number, path: string): Promise<void> {
    await this.#active.files.rename(fileIndex, path);
  }

  /**
   * Gives a folder of the torrent, such as its root folder, another path; as {@link renameFile}.
   * @throws also {RangeError} when no file lies below `from`.
   */
  async renameFolder(from: string, to: string): Promise<void> {
    await this.#active.files.renameFolder(from, to);
  }

  /** Pieces in order, or again the rarest first. Remembered. @throws as {@link whenComplete}. */
  async setSequential(isOn: boolean): Promise<void> {
    await this.#active.files.setSequential(isOn);
  }

  /** Whether the first and last pieces of each file come before the rest of it. Remembered. @throws as {@link whenComplete}. */
  async setEndsFirst(isOn: boolean): Promise<void> {
    await this.#active.files.setEndsFirst(isOn);
  }

  /**
   * The bytes of a file in order, each chunk once it is verified, while the torrent downloads in whatever
   * order. What the reader comes to next is asked of the fastest peers first, as far ahead as its pace makes
   * sensible; what is late of several. Any number of readers at once; one that leaves (`return`, `break`, the
   * signal) wants nothing any more. A skipped file is selected.
   * @throws {RangeError} for a file or a range that does not exist; {DiskError}; as {@link whenComplete}.
   */
  stream(fileIndex: number, options: StreamOptions = {}): AsyncGenerator<Uint8Array, void, void> {
    return this.#active.files.stream(fileIndex, options);
  }

  setLimits(limits: { download?: number | null; upload?: number | null }): void {
    const { downloadLimiter, uploadLimiter } = this.#active;
    if (limits.download !== undefined) downloadLimiter.setLimit(limits.download);
    if (limits.upload !== undefined) uploadLimiter.setLimit(limits.upload);
  }

  /**
   * Super seeding (BEP 16): each peer is told of one piece, and of the next once it has passed that one on. Takes
   * effect while everything is here.
   */
  setSuperSeeding(isOn: boolean): void {
    this.#active.swarm.superSeeding.want(isOn);
  }

  /**
   * Hashes a piece on disk again. A bad one is gone: peers are told so (BEP 54), and it is downloaded anew.
   * @returns Whether it is here and good.
   * @throws {RangeError} when there is no such piece; as {@link whenComplete}.
   */
  async checkPiece(piece: number): Promise<boolean> {
    await this.whenReady();
    return this.#active.transfer!.recheck(piece);
  }

  /** Takes in a connection that named this torrent. Called by the session. */
  accept(opened: OpenedConnection): void {
    this.#active.swarm.accept(opened);
  }

  /** Tries again to send to a peer whose credit has grown. Called by the session. */
  wakePeer(peerId: number): void {
    this.#active.swarm.find(peerId)?.wake();
  }

  /** Called about once a second by the session. */
  tick(nowMs: number): void {
    this.#active.tick(nowMs);
  }

  /**
   * Disconnects all peers and lets none in; what is verified stays. A check of what is on disk goes on.
   * Does nothing where the torrent is stopped already.
   */
  pause(): void {
    const { state } = this.#life;
    if (state === "paused" || state === "error" || state === "closed") return;
    this.#active.disconnect("the torrent was paused");
    this.#life.enter("paused");
  }

  /** Goes on after {@link pause}, or after an error whose cause was mended. */
  resume(): void {
    const { state } = this.#life;
    if (state !== "paused" && state !== "error") return;
    const active = this.#active;
    if (active.transfer === null || active.isOpening) {
      this.#life.enter(this.metainfo === null ? "metadata" : "checking");
      if (!active.isOpening) this.start();
      return;
    }
    this.#life.enter(active.isComplete ? "seeding" : "downloading");
    this.#startNetwork();
    if (active.transfer.picker.isComplete) active.checkCompletion();
    else this.announceNow();
  }

  /** Stops, says goodbye to peers and trackers, and keeps the resume data. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Closes, and then removes its files or what is hidden of them. Called by the session. */
  async remove(what: "everything" | "part-file"): Promise<void> {
    await this.close();
    await this.#active.removeFiles(what);
  }

  /** Unless the torrent was paused in the meantime. */
  #startNetwork(): void {
    if (this.#life.state === "paused") return;
    this.#active.connect();
    if (this.#announcer === null) this.#announce();
  }

  #announce(): void {
    const isPrivate = this.metainfo?.isPrivate === true;
    this.#announcer = announceTorrent({
      services: this.#services,
      source: this.#source,
      extraTiers: this.#options.trackers ?? [],
      infoHashes: this.swarmHashes,
      isPrivate,
      transfer: () => this.#active.transfer,
      leftBytes: () => this.#active.leftBytes ?? 0,
      onPeers: (peers, { infoHash, trackerUrl, externalIp }) => {
        if (externalIp !== null) this.#services.externalAddress.vote(externalIp, trackerUrl);
        this.#active.addTrackerPeers(peers, trackerUrl, infoHash);
      },
    });
  }

  /** A magnet link turns out to be a private torrent: it is announced to one tracker at a time (BEP 27). */
  #becomePrivate(): void {
    const before = this.#announcer;
    if (before === null) return;
    this.#announcer = null;
    // The goodbye first: else it would undo the new announce.
    this.#goodbye = before.close().then(() => {
      if (this.#closing === null && this.#announcer === null) this.#announce();
    });
  }

  #completed(transfer: Transfer): void {
    this.#life.enterUnlessPaused("seeding");
    // Trackers count downloads, not files that were here already.
    if (transfer.downloadMeter.totalBytes > 0) this.#announcer?.completed();
    this.#life.emit({ type: "complete" });
  }

  async #close(): Promise<void> {
    const working = this.#active.close();
    await Promise.all([working, this.#announcer?.close(), this.#goodbye]);
    this.#life.close();
    this.#services.onClosed();
  }
}
