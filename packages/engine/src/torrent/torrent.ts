import { formatMagnet, infoHashHex, type Metainfo } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import { assertShareLimits, type ShareLimits } from "../session/share-limits.ts";
import type { PeerSource } from "../swarm/peer-source.ts";
import type { PeerView } from "../peer/peer-view.ts";
import type { StreamOptions } from "../streaming/stream-file.ts";
import type { DirectionLimits } from "../rate/limit-tree.ts";
import type { WebSeedStatus } from "../web-seed/web-seed-status.ts";
import { describeCore } from "./describe-core.ts";
import type { FilePriority, FilePriorityName } from "./file-priority.ts";
import { mapPieces, type PieceMap } from "./piece-map.ts";
import { isMetainfo } from "./source.ts";
import { addTracker, addWebSeed, removeWebSeed } from "./more-sources.ts";
import type { FileStatus, TorrentEvent, TorrentState, TorrentStatus } from "./status.ts";
import type { TorrentCore } from "./torrent-core.ts";

/**
 * One torrent of a session, from its metadata to seeding.
 *
 * In a session that keeps its torrents, one that nobody needs sleeps: it goes on announcing and answers
 * {@link status}, but `metainfo`, `files` and `peers` are empty until it wakes, by itself or by {@link wake}.
 */
export class Torrent {
  readonly #core: TorrentCore;

  /** Made by its session. */
  constructor(core: TorrentCore) {
    this.#core = core;
  }

  /** Hex: of v1 where the torrent has one, else of v2 whole. */
  get infoHash(): string {
    return this.#core.infoHash;
  }
  /** The 20-byte infohashes that connections and trackers use: v1, then v2 truncated. */
  get swarmHashes(): readonly Uint8Array[] {
    return this.#core.swarmHashes;
  }
  /** Hex of the whole infohashes; null for that of a version which it does not have, or is not known to have. */
  get infoHashes(): { readonly v1: string | null; readonly v2: string | null } {
    const { v1, v2 } = this.#core.identity;
    return { v1: v1 && infoHashHex(v1), v2: v2 && infoHashHex(v2) };
  }
  /** A link to it, with its trackers and web seeds. */
  get magnet(): string {
    const { identity, name } = this.#core;
    return formatMagnet({
      infoHashV1: identity.v1,
      infoHashV2: identity.v2,
      name,
      trackers: this.trackerTiers.flat(),
      webSeeds: this.webSeedUrls,
    });
  }
  /** URLs of its trackers by tier: its own, then those that were added, each in a tier of its own. */
  get trackerTiers(): readonly (readonly string[])[] {
    return [...this.#core.about.tiers, ...this.#core.moreTiers];
  }
  /** URLs of its web seeds: its own, and those that were added. */
  get webSeedUrls(): readonly string[] {
    return [...new Set([...this.#core.about.webSeeds, ...this.#core.moreWebSeeds])];
  }
  /** Peers come from the trackers alone (BEP 27). */
  get isPrivate(): boolean {
    return this.#core.isPrivate;
  }
  /** The folder that its files, or its root folder, lie in. */
  get dir(): string {
    return this.#core.options.dir;
  }
  /** Null while the metadata of a magnet link is being fetched, and while the torrent sleeps. */
  get metainfo(): Metainfo | null {
    return this.#core.metainfo;
  }
  get name(): string {
    return this.#core.name;
  }
  get state(): TorrentState {
    return this.#core.state;
  }
  get peers(): readonly PeerView[] {
    return [...(this.#core.active?.swarm.peers ?? [])];
  }
  /** Empty while the metadata is missing, and while the torrent sleeps. */
  get files(): readonly FileStatus[] {
    return this.#core.active?.files.list() ?? [];
  }
  /** The category that the torrent is in; null for none. */
  get category(): string | null {
    return this.#core.settings.category;
  }
  get shareLimits(): ShareLimits {
    return this.#core.settings.shareLimits;
  }
  get isAsleep(): boolean {
    return this.#core.active === null;
  }
  /** Of this torrent alone, in bytes per second; null for no limit. */
  get limits(): Required<DirectionLimits> {
    const { downloadLimit, uploadLimit } = this.#core.settings;
    return { download: downloadLimit, upload: uploadLimit };
  }
  get isSuperSeeding(): boolean {
    return this.#core.settings.superSeeding;
  }
  /** See {@link setSequential}. Of a sleeping torrent it is not known. */
  get isSequential(): boolean {
    const { active, settings } = this.#core;
    return active?.files.isSequential ?? settings.wishes.sequential ?? false;
  }
  /** See {@link setEndsFirst}. Of a sleeping torrent it is not known. */
  get areEndsFirst(): boolean {
    const { active, settings } = this.#core;
    return active?.selection?.areEndsFirst ?? settings.wishes.endsFirst ?? false;
  }
  /** Null while the metadata is missing, the files are checked, or the torrent sleeps. */
  pieces(): PieceMap | null {
    return mapPieces(this.#core);
  }

  /**
   * The metadata, read from the store where the torrent sleeps: it does not wake for that.
   * @returns null while that of a magnet link is being fetched.
   * @throws {SessionError} `lost-metadata`; {StoreError}.
   */
  async loadMetainfo(): Promise<Metainfo | null> {
    if (this.#core.metainfo !== null) return this.#core.metainfo;
    const source = await this.#core.services.loadSource(this.#core);
    return isMetainfo(source) ? source : null;
  }

  status(): TorrentStatus {
    return describeCore(this.#core);
  }

  /**
   * Calls `listener` for each event. What it throws is logged, and concerns nobody else.
   * @returns A function that removes it.
   */
  on(listener: (event: TorrentEvent) => void): () => void {
    return this.#core.life.on(listener);
  }

  /** The events from now on, until the torrent is closed or `signal` is aborted. */
  events(signal?: AbortSignal): AsyncIterableIterator<TorrentEvent> {
    return this.#core.life.events(signal);
  }

  /**
   * Resolves once every wanted byte is verified and on disk.
   * @throws {TorrentError} when the torrent stops with an error; {SessionError} `closed`.
   */
  async whenComplete(signal?: AbortSignal): Promise<void> {
    await this.#core.life.reach(() => this.#core.isComplete, signal);
  }

  /**
   * Resolves once the metadata is known and what is on disk was checked. Wakes the torrent, unless it
   * waits in the queue.
   * @throws as {@link whenComplete}.
   */
  async whenReady(signal?: AbortSignal): Promise<void> {
    if (this.isAsleep && this.state !== "queued") await this.wake();
    await this.#core.life.reach(() => (this.#core.active?.transfer ?? null) !== null, signal);
  }

  /**
   * Brings back what a sleeping torrent has dropped. It sleeps again a minute after it was last needed.
   * @throws {SessionError} `closed`; {StoreError}.
   */
  async wake(): Promise<void> {
    await this.#core.wake();
  }

  addPeers(peers: readonly Endpoint[], source: PeerSource = "user"): void {
    this.#core.addPeers(peers, source);
  }

  /** The web seeds (BEP 19), as they are now; none while the torrent sleeps. */
  webSeeds(): readonly WebSeedStatus[] {
    return this.#core.active?.webSeeds.status() ?? [];
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
    return addWebSeed(this.#core, url);
  }

  /** Ends its requests and forgets it. @returns whether it was known. */
  removeWebSeed(url: string): boolean {
    return removeWebSeed(this.#core, url);
  }

  addTracker(url: string): void {
    addTracker(this.#core, url);
  }

  /** Asks the trackers for peers as soon as they allow. */
  announceNow(): void {
    this.#core.announcing.now();
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
    const active = await this.#core.wake();
    await active.files.setPriority(files, priority);
  }

  /**
   * Gives a file another path below the torrent's folder, made safe; remembered. A file that is there is
   * renamed, durably.
   * @param path With `/` between its components.
   * @throws {TorrentError} `name-taken` when another file of the torrent has it; {DiskError} `exists` when
   * something else stands there; {RangeError}; as {@link whenComplete}.
   */
  async renameFile(fileIndex: number, path: string): Promise<void> {
    await (await this.#core.wake()).files.rename(fileIndex, path);
  }

  /**
   * Gives a folder of the torrent, such as its root folder, another path; as {@link renameFile}.
   * @throws also {RangeError} when no file lies below `from`.
   */
  async renameFolder(from: string, to: string): Promise<void> {
    await (await this.#core.wake()).files.renameFolder(from, to);
  }

  /**
   * Moves the torrent's files to another folder while it runs: linked where the system can do that, else copied.
   * Killed at any moment nothing is lost, and the move is carried on when the torrent is added again, with either
   * folder. `status().moving` tells how far it is, the event `moved` when `dir` has changed. Other changes of
   * files wait for it.
   * @throws {DiskError} `exists` when something stands in the way, `full`, or another, and then everything is where
   * it was unless `dir` has changed; as {@link whenComplete}.
   */
  async move(dir: string): Promise<void> {
    await (await this.#core.wake()).files.move(dir);
  }

  /** Pieces in order, or again the rarest first. Remembered. @throws as {@link whenComplete}. */
  async setSequential(isOn: boolean): Promise<void> {
    const active = await this.#core.wake();
    await active.files.setSequential(isOn);
  }

  /** Whether the first and last pieces of each file come before the rest of it. Remembered. @throws as {@link whenComplete}. */
  async setEndsFirst(isOn: boolean): Promise<void> {
    const active = await this.#core.wake();
    await active.files.setEndsFirst(isOn);
  }

  /**
   * The bytes of a file in order, each chunk once it is verified, while the torrent downloads in whatever
   * order. What the reader comes to next is asked of the fastest peers first, as far ahead as its pace makes
   * sensible; what is late of several. Any number of readers at once; one that leaves (`return`, `break`, the
   * signal) wants nothing any more. A skipped file is selected.
   * @throws {RangeError} for a file or a range that does not exist; {DiskError}; as {@link whenComplete}.
   */
  async *stream(
    fileIndex: number,
    options: StreamOptions = {},
  ): AsyncGenerator<Uint8Array, void, void> {
    const active = await this.#core.wake();
    const release = this.#core.keepAwake();
    try {
      yield* active.files.stream(fileIndex, options);
    } finally {
      release();
    }
  }

  /** Bytes per second of this torrent; null for no limit. @throws {RangeError} */
  setLimits(limits: DirectionLimits): void {
    const { settings } = this.#core;
    for (const limit of [limits.download, limits.upload]) assertLimit(limit ?? null);
    if (limits.download !== undefined) settings.downloadLimit = limits.download;
    if (limits.upload !== undefined) settings.uploadLimit = limits.upload;
    this.#core.applySettings();
  }

  /**
   * Super seeding (BEP 16): each peer is told of one piece, and of the next once it has passed that one on. Takes
   * effect while everything is here.
   */
  setSuperSeeding(isOn: boolean): void {
    this.#core.settings.superSeeding = isOn;
    this.#core.applySettings();
  }

  /**
   * Hashes a piece on disk again. A bad one is gone: peers are told so (BEP 54), and it is downloaded anew.
   * @returns Whether it is here and good.
   * @throws {RangeError} when there is no such piece; as {@link whenComplete}.
   */
  async checkPiece(piece: number): Promise<boolean> {
    await this.whenReady();
    return this.#core.active!.transfer!.recheck(piece);
  }

  /**
   * Hashes everything on disk again, whatever is known of it. Peers are let go of until that is done. A torrent that
   * stopped with an error goes on. Does nothing while files are moved or checked already.
   * @throws {SessionError} `closed`; {StoreError}.
   */
  async recheck(): Promise<void> {
    const active = await this.#core.wake();
    if (active.isOpening) return;
    this.#core.reopen({ recheck: true });
    await this.#core.wake();
  }

  /** Moves the torrent into a category of the session, whose limits hold for it; null takes it out. */
  setCategory(category: string | null): void {
    this.#core.settings.category = category;
    this.#core.applySettings();
  }

  /** When the torrent has shared enough; what is absent is its category's. @throws {RangeError} */
  setShareLimits(limits: ShareLimits): void {
    assertShareLimits(limits);
    this.#core.settings.shareLimits = limits;
    this.#core.applySettings();
  }

  /**
   * Whether the torrent waits in the session's queue. One that does not runs whenever it is not paused,
   * and takes nobody's place.
   */
  setAutoManaged(isManaged: boolean): void {
    this.#core.settings.autoManaged = isManaged;
    this.#core.applySettings();
  }

  /** Runs the torrent now, whatever the queue says: out of the queue, and not paused. */
  forceStart(): void {
    this.setAutoManaged(false);
    this.resume();
  }

  /**
   * Disconnects all peers and lets none in, and takes leave of the trackers; what is verified stays. A check
   * of what is on disk goes on. Does nothing where the torrent is stopped already.
   */
  pause(): void {
    this.#core.pause();
  }

  /** Goes on after {@link pause}, or after an error whose cause was mended. */
  resume(): void {
    this.#core.resume();
  }

  /**
   * Stops, says goodbye to peers and trackers, and keeps the resume data. A session that keeps its
   * torrents has it again after a restart; `Session.remove` forgets it.
   */
  close(): Promise<void> {
    return this.#core.close();
  }
}

function assertLimit(limit: number | null): void {
  if (limit !== null && !(limit >= 0 && limit < Infinity)) {
    throw new RangeError(
      `Expected a limit of 0 or more bytes per second, or null for none, got ${limit}.`,
    );
  }
}
