import { isAbsolute, join } from "node:path";
import type {
  Answer,
  Settings,
  TorrentAction,
  TorrentChange,
  TorrentDetail,
  TorrentFile,
  TorrentPeer,
  TorrentSummary,
  TorrentTracker,
  TorrentWebSeed,
} from "@shoal/api";
import type { FilePriority, Session, SessionEvent, Torrent } from "@shoal/engine";
import { formatTorrentFile, type Magnet, type Metainfo } from "@shoal/protocol";
import type { Runtime } from "@shoal/runtime";
import { NodeError } from "../errors.ts";
import { type Addition, type SourceName, withoutUndefined } from "./addition.ts";
import { Categories, type CategorySettings } from "./categories.ts";
import {
  describeFiles,
  describeListedFiles,
  describePeer,
  describePieces,
  describeTrackers,
  describeWebSeeds,
} from "./describe-parts.ts";
import { contentPathOf, describeInFull } from "./describe-torrent.ts";
import { metainfoOf, rouse } from "./look-into-torrent.ts";
import { describeInspected } from "./inspect-source.ts";
import { type ListQuery, listPage } from "./list-torrents.ts";
import { orderForQueue } from "./order-for-queue.ts";
import { readSource } from "./read-source.ts";
import { resolvePeers } from "./resolve-peers.ts";
import { TorrentBoard } from "./torrent-board.ts";

export interface TorrentsInit {
  readonly session: Session;
  /** What holds at any time. */
  readonly settings: { readonly current: Settings };
  readonly runtime: Pick<Runtime, "clock" | "dns" | "http" | "log" | "store">;
  /** Absolute: where downloads go when neither settings, category nor caller say. */
  readonly defaultFolder: string;
}

/**
 * The daemon's torrents, as all of its faces see and change them: REST, Transmission's RPC, feeds, watched folders.
 * Torrents are named by a v1 infohash or a v2 infohash in hex, whole or its first 40 digits.
 */
export class Torrents {
  readonly categories: Categories;
  /** Cheap summaries of all torrents, and what changes of them. */
  readonly board: TorrentBoard;
  readonly #init: TorrentsInit;

  private constructor(init: TorrentsInit, categories: Categories) {
    this.#init = init;
    this.categories = categories;
    this.board = new TorrentBoard(init.session, init.runtime.clock);
  }

  /** @throws {StoreError} */
  static async open(init: TorrentsInit): Promise<Torrents> {
    return new Torrents(init, await Categories.open(init.runtime.store, init.session));
  }

  get session(): Session {
    return this.#init.session;
  }

  /** The folder of downloads. */
  get downloadFolder(): string {
    const { folder } = this.#init.settings.current.downloads;
    return folder === "" ? this.#init.defaultFolder : folder;
  }

  close(): void {
    this.board.close();
  }

  /** See `Session.on`. */
  on(listener: (event: SessionEvent) => void): () => void {
    return this.session.on(listener);
  }

  // --- Finding ----------------------------------------------------------------------------------

  /** @throws {NodeError} `not-found`. */
  find(infoHash: string): Torrent {
    const torrent = this.session.find(infoHash);
    if (torrent !== undefined) return torrent;
    throw new NodeError("not-found", `There is no torrent ${infoHash} here.`);
  }

  /** In order of the queue. */
  get summaries(): readonly TorrentSummary[] {
    return this.board.summaries;
  }

  summary(torrent: Torrent): TorrentSummary {
    return this.board.summaryOf(torrent);
  }

  list(query: ListQuery): Answer<"listTorrents"> {
    return listPage(this.summaries, query);
  }

  async detail(torrent: Torrent): Promise<TorrentDetail> {
    const position = this.board.summaryOf(torrent).queuePosition;
    return describeInFull(torrent, position, await metainfoOf(torrent));
  }

  /** Its file, or its root folder; null while the metadata is missing. */
  async contentPath(torrent: Torrent): Promise<string | null> {
    return contentPathOf(torrent, await metainfoOf(torrent));
  }

  // --- Adding and removing ----------------------------------------------------------------------

  /** @throws as `readSource`. */
  async read(source: SourceName): Promise<Metainfo | Magnet> {
    const fileNames = process.platform === "win32" ? "portable" : "posix";
    return await readSource(source, { http: this.#init.runtime.http, fileNames });
  }

  /** What a source holds, adding nothing. @throws as `readSource`. */
  async inspect(source: SourceName): Promise<Answer<"inspectSource">> {
    return describeInspected(await this.read(source), this.session);
  }

  /**
   * Adds a torrent. A category that does not exist yet is made.
   * @throws as `readSource`; {SessionError} `duplicate-torrent`; {RangeError} for limits that are none; {StoreError}.
   */
  async add(addition: Addition): Promise<Torrent> {
    const { source, folder, category, priorities, trackers, shareLimits, ...options } = addition;
    const parsed = await this.read(source);
    if (category !== undefined && this.categories.get(category) === undefined) {
      await this.categories.set(category);
    }
    const { preallocate } = this.#init.settings.current.downloads;
    const torrent = await this.session.add(parsed, {
      ...withoutUndefined(options),
      dir: this.folderFor(folder, category),
      allocation: preallocate ? "preallocate" : "sparse",
      ...(category === undefined ? {} : { category }),
      ...(trackers === undefined ? {} : { trackers: trackers.map((url) => [url]) }),
      ...(shareLimits === undefined ? {} : { shareLimits: withoutUndefined(shareLimits) }),
      ...(priorities === undefined || priorities.size === 0
        ? {}
        : { select: (_file, index) => priorities.get(index) ?? true }),
    });
    this.board.touch();
    return torrent;
  }

  /** Where a torrent's files go: as the caller says, else its category, else the settings. */
  folderFor(folder: string | undefined, category: string | undefined): string {
    const named = folder || (category !== undefined && this.categories.get(category)?.folder);
    if (!named) return this.downloadFolder;
    return isAbsolute(named) ? named : join(this.downloadFolder, named);
  }

  /** Stops a torrent and forgets it. @throws {DiskError} when a file could not be removed. */
  async remove(torrent: Torrent, options: { readonly deleteFiles?: boolean } = {}): Promise<void> {
    await this.session.remove(torrent, options);
  }

  // --- Changing ---------------------------------------------------------------------------------

  /** Changes what is given. @throws {RangeError}; {NodeError} `conflict` while the metadata is missing. */
  async change(torrent: Torrent, change: TorrentChange): Promise<void> {
    const { paused, category, downloadLimit, uploadLimit, shareLimits } = change;
    const { autoManaged, sequential, endsFirst, superSeeding } = change;
    if (shareLimits !== undefined) torrent.setShareLimits(withoutUndefined(shareLimits));
    if (downloadLimit !== undefined || uploadLimit !== undefined) {
      torrent.setLimits(withoutUndefined({ download: downloadLimit, upload: uploadLimit }));
    }
    if (category !== undefined) {
      if (category !== null && this.categories.get(category) === undefined) {
        await this.categories.set(category);
      }
      torrent.setCategory(category);
    }
    if (superSeeding !== undefined) torrent.setSuperSeeding(superSeeding);
    if (autoManaged !== undefined) torrent.setAutoManaged(autoManaged);
    if (paused === true) torrent.pause();
    if (paused === false) torrent.resume();
    this.board.touch();
    if (sequential !== undefined || endsFirst !== undefined) await this.#assertKnown(torrent);
    if (sequential !== undefined) await torrent.setSequential(sequential);
    if (endsFirst !== undefined) await torrent.setEndsFirst(endsFirst);
  }

  /** @throws {NodeError}; {DiskError} when files cannot be removed. */
  async act(torrent: Torrent, action: TorrentAction): Promise<void> {
    switch (action) {
      case "pause":
        torrent.pause();
        break;
      case "resume":
        torrent.resume();
        break;
      case "force-start":
        torrent.forceStart();
        break;
      case "recheck":
        await torrent.recheck();
        break;
      case "reannounce":
        torrent.announceNow();
        break;
      case "remove":
      case "remove-with-files":
        await this.remove(torrent, { deleteFiles: action === "remove-with-files" });
        break;
      default:
        this.session.queue.move(torrent, action.slice("queue-".length) as "up");
    }
    this.board.touch();
  }

  /** The same to several; what one fails at stops none of the others. Moves in the queue keep their order. */
  async actOn(
    infoHashes: readonly string[] | "all",
    action: TorrentAction,
  ): Promise<Answer<"actOnTorrents">> {
    const all = this.session.torrents;
    const asked = infoHashes === "all" ? all : infoHashes.map((hash) => this.session.find(hash));
    const found = asked.filter((torrent) => torrent !== undefined);
    const failed: Answer<"actOnTorrents">["failed"] = [];
    if (infoHashes !== "all") {
      for (const [index, infoHash] of infoHashes.entries()) {
        if (asked[index] === undefined)
          failed.push({ infoHash, error: "There is no such torrent." });
      }
    }
    let done = 0;
    for (const torrent of orderForQueue(found, all, action)) {
      try {
        await this.act(torrent, action);
        done += 1;
      } catch (error) {
        failed.push({ infoHash: torrent.infoHash, error: (error as Error).message });
      }
    }
    return { done, failed };
  }

  /** Begins to move a torrent's files; how that goes, its detail and the log tell. @throws {NodeError} `conflict`. */
  async move(torrent: Torrent, folder: string): Promise<void> {
    await this.#assertKnown(torrent);
    const { log } = this.#init.runtime;
    torrent.move(this.folderFor(folder, undefined)).then(
      () => log.info("a torrent's files were moved", { infoHash: torrent.infoHash, folder }),
      (error: unknown) => {
        log.warn("a torrent's files could not be moved", { infoHash: torrent.infoHash, error });
      },
    );
  }

  // --- Parts ------------------------------------------------------------------------------------

  /** Its files; none while the metadata is missing. */
  async files(torrent: Torrent): Promise<TorrentFile[]> {
    await rouse(torrent, this.#init.runtime.clock);
    if (torrent.files.length > 0) return describeFiles(torrent.files);
    const metainfo = await metainfoOf(torrent);
    if (metainfo === null) return [];
    const { wantedBytes, verifiedBytes } = torrent.status();
    return describeListedFiles(metainfo, verifiedBytes === wantedBytes && wantedBytes > 0);
  }

  /** @throws {RangeError} for a file that does not exist; {NodeError} `conflict` while the metadata is missing. */
  async setFilePriority(
    torrent: Torrent,
    files: readonly number[],
    priority: FilePriority,
  ): Promise<void> {
    await this.#assertKnown(torrent);
    await torrent.setFilePriority(files, priority);
    this.board.touch();
  }

  /** See `Torrent.renameFile`. */
  async renameFile(torrent: Torrent, index: number, path: string): Promise<void> {
    await this.#assertKnown(torrent);
    await torrent.renameFile(index, path);
  }

  peers(torrent: Torrent): TorrentPeer[] {
    return torrent.peers.map(describePeer);
  }

  /** @param peers As `host:port`, `[IPv6]:port`. @throws {NodeError} `bad-request`; {DnsError}. */
  async addPeers(torrent: Torrent, peers: readonly string[]): Promise<void> {
    torrent.addPeers(await resolvePeers(peers, this.#init.runtime.dns));
  }

  trackers(torrent: Torrent): TorrentTracker[] {
    return describeTrackers(torrent);
  }

  /** @throws {NodeError} `bad-request` when the URL is none of a tracker. */
  addTracker(torrent: Torrent, url: string): void {
    if (!/^(?:https?|udp|wss?):$/.test(URL.parse(url)?.protocol ?? "")) {
      throw new NodeError("bad-request", "A tracker's URL is one of http, https, udp, ws or wss.");
    }
    torrent.addTracker(url);
  }

  webSeeds(torrent: Torrent): TorrentWebSeed[] {
    return describeWebSeeds(torrent);
  }

  /** @throws {NodeError} `bad-request` or `conflict`. */
  addWebSeed(torrent: Torrent, url: string): void {
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
      throw new NodeError("bad-request", "A web seed's URL is one of http or https.");
    }
    if (!torrent.addWebSeed(url)) {
      throw new NodeError("conflict", "This web seed is known already, or there are too many.");
    }
  }

  /** @throws {NodeError} `not-found`. */
  removeWebSeed(torrent: Torrent, url: string): void {
    if (!torrent.removeWebSeed(url)) throw new NodeError("not-found", "There is no such web seed.");
  }

  /** Which pieces are here, and how many peers have each; none while the metadata is missing. */
  async pieces(torrent: Torrent): Promise<Answer<"getPieces">> {
    await rouse(torrent, this.#init.runtime.clock);
    return describePieces(torrent);
  }

  /** A torrent file. @throws {NodeError} `conflict` while the metadata is missing. */
  async exportFile(torrent: Torrent): Promise<Uint8Array> {
    const metainfo = await metainfoOf(torrent);
    if (metainfo === null) throw missingMetadata();
    const { trackerTiers: trackers, webSeedUrls: webSeeds } = torrent;
    return formatTorrentFile({ ...metainfo, trackers, webSeeds });
  }

  // --- Categories -------------------------------------------------------------------------------

  listCategories(): Answer<"listCategories">["categories"] {
    const counts = new Map<string, number>();
    for (const { category } of this.summaries) {
      if (category !== null) counts.set(category, (counts.get(category) ?? 0) + 1);
    }
    return this.categories.names.map((name) => {
      return { name, ...this.categories.get(name)!, torrents: counts.get(name) ?? 0 };
    });
  }

  /** Makes a category, or changes it; what is absent stays. @throws as `Categories.set`. */
  async setCategory(name: string, change: Partial<CategorySettings>): Promise<CategorySettings> {
    return await this.categories.set(name, change);
  }

  /** Its torrents stay, in no category. @throws {NodeError} `not-found`. */
  async removeCategory(name: string): Promise<void> {
    await this.categories.remove(name);
    this.board.touch();
  }

  async #assertKnown(torrent: Torrent): Promise<void> {
    if ((await metainfoOf(torrent)) === null) throw missingMetadata();
  }
}

function missingMetadata(): NodeError {
  return new NodeError("conflict", "Its metadata is not here yet: wait until a peer has sent it.");
}
