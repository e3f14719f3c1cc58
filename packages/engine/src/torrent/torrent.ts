import type { Metainfo } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import type { Announcer } from "@shoal/tracker";
import { PeerError, TorrentError } from "../errors.ts";
import type { PeerSource } from "../peer/candidates.ts";
import type { OpenedConnection } from "../peer/dial.ts";
import type { TransferPeer } from "./transfer-peer.ts";
import type { PeerView } from "../peer/peer-view.ts";
import { createRateLimiter, type RateLimiter } from "../rate/rate-limiter.ts";
import { announceTorrent } from "./announce-torrent.ts";
import { describeTorrent } from "./describe-torrent.ts";
import { TorrentLife } from "./life.ts";
import { prepareTransfer } from "./prepare-transfer.ts";
import { resolveHints } from "./resolve-hints.ts";
import { ResumeKeeper } from "./resume-keeper.ts";
import { Selection } from "./selection.ts";
import {
  identify,
  isMetainfo,
  nameOf,
  selectionOf,
  swarmsOf,
  type TorrentSource,
} from "./source.ts";
import type { TorrentOptions, TorrentServices } from "./options.ts";
import type { FileStatus, TorrentEvent, TorrentState, TorrentStatus } from "./status.ts";
import { Swarm } from "./swarm.ts";
import { TorrentMetadata } from "./torrent-metadata.ts";
import type { Transfer, TransferOwner } from "./transfer.ts";

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
  readonly #metadata: TorrentMetadata;
  readonly #swarm: Swarm;
  readonly #life: TorrentLife;
  readonly #stopping = new AbortController();
  readonly #uploadLimiter: RateLimiter;
  readonly #downloadLimiter: RateLimiter;
  #transfer: Transfer | null = null;
  #announcer: Announcer | null = null;
  #selection: Selection | null = null;
  readonly #resume: ResumeKeeper | null;
  #checked = 1;
  #isComplete = false;
  #closing: Promise<void> | null = null;
  #opening: Promise<void> = Promise.resolve();
  /** How many steps of opening are under way: they go on while the torrent is paused. */
  #openings = 0;

  constructor(services: TorrentServices, source: TorrentSource, options: TorrentOptions) {
    this.#services = services;
    this.#options = options;
    this.#source = source;
    this.dir = options.dir;
    const identity = identify(source);
    this.infoHash = nameOf(identity);
    this.swarmHashes = swarmsOf(identity);
    const { clock, resume, fileNames } = services;
    const { disk, log } = services.runtime;
    this.#life = new TorrentLife(isMetainfo(source) ? "checking" : "metadata", log);
    this.#resume = resume === null ? null : new ResumeKeeper(resume, clock, log, disk.bootId, this);
    this.#uploadLimiter = createRateLimiter({
      clock,
      bytesPerSecond: options.uploadLimit ?? null,
      parent: services.uploadLimiter,
    });
    this.#downloadLimiter = createRateLimiter({
      clock,
      bytesPerSecond: options.downloadLimit ?? null,
      parent: services.downloadLimiter,
    });
    this.#metadata = new TorrentMetadata({
      source,
      identity,
      owner: {
        onMetainfo: (metainfo) => this.#metadataFetched(metainfo),
        onUnusable: (error) => this.#fail(error),
        onLiar: (peerId) => this.#swarm.banPeer(peerId, "sent metadata of another torrent"),
      },
      resume,
      fileNames,
      clock,
      log,
    });
    this.#swarm = new Swarm({
      services,
      owner: {
        extensions: [this.#metadata.exchange, ...services.extensions],
        metadataBytes: () => this.#metadata.exchange.lengthBytes,
        onPeerConnected: (peer) => this.#life.emit({ type: "peer-connected", peer }),
        onPeerDisconnected: (peer, error) =>
          this.#life.emit({ type: "peer-disconnected", peer, error }),
        onPeerBanned: (address, reason) =>
          this.#life.emit({ type: "peer-banned", address, reason }),
        onReadFailed: (error) => this.#fail(error),
      },
      infoHashes: this.swarmHashes,
      uploadLimiter: this.#uploadLimiter,
      downloadLimiter: this.#downloadLimiter,
    });
    this.#swarm.addCandidates(options.peers ?? [], "user");
    const { signal } = this.#stopping;
    resolveHints(source, services.runtime.dns, signal, (peers) => this.addPeers(peers));
  }

  /** Null while the metadata of a magnet link is being fetched. */
  get metainfo(): Metainfo | null {
    return this.#metadata.metainfo;
  }
  get name(): string {
    return this.metainfo?.name ?? this.#source.name ?? this.infoHash;
  }
  get state(): TorrentState {
    return this.#life.state;
  }
  get peers(): readonly PeerView[] {
    return [...this.#swarm.peers];
  }
  /** Empty while the metadata is missing. */
  get files(): readonly FileStatus[] {
    return this.#selection?.files ?? [];
  }

  status(): TorrentStatus {
    return describeTorrent({
      infoHash: this.infoHash,
      name: this.name,
      state: this.#life.state,
      error: this.#life.error,
      metainfo: this.metainfo,
      selection: this.#selection,
      transfer: this.#transfer,
      swarm: this.#swarm,
      checked: this.#checked,
      trackers: this.#announcer?.status() ?? [],
      limiters: [this.#downloadLimiter, this.#services.downloadLimiter],
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
    await this.#life.reach(() => this.#isComplete, signal);
  }

  /**
   * Resolves once the metadata is known and what is on disk was checked.
   * @throws as {@link whenComplete}.
   */
  async whenReady(signal?: AbortSignal): Promise<void> {
    await this.#life.reach(() => this.#transfer !== null, signal);
  }

  /** Begins: checks files, connects, announces. Called by the session. */
  start(): void {
    this.#track(this.#open());
  }

  addPeers(peers: readonly Endpoint[], source: PeerSource = "user"): void {
    this.#swarm.addCandidates(peers, source);
  }

  addTracker(url: string): void {
    this.#announcer?.addTracker(url);
  }

  /** Asks the trackers for peers as soon as they allow. */
  announceNow(): void {
    this.#announcer?.announceNow();
  }

  setLimits(limits: { download?: number | null; upload?: number | null }): void {
    if (limits.download !== undefined) this.#downloadLimiter.setLimit(limits.download);
    if (limits.upload !== undefined) this.#uploadLimiter.setLimit(limits.upload);
  }

  /** Takes in a connection that named this torrent. Called by the session. */
  accept(opened: OpenedConnection): void {
    this.#swarm.accept(opened);
  }

  /** Tries again to send to a peer whose credit has grown. Called by the session. */
  wakePeer(peerId: number): void {
    this.#swarm.find(peerId)?.wake();
  }

  /** Called about once a second by the session. */
  tick(nowMs: number): void {
    this.#metadata.exchange.tick();
    this.#transfer?.tick(nowMs);
    this.#swarm.tick(nowMs);
    if (this.#transfer !== null) this.#resume?.tick(this.#transfer, nowMs);
  }

  /**
   * Disconnects all peers and lets none in; what is verified stays. A check of what is on disk goes on.
   * Does nothing where the torrent is stopped already.
   */
  pause(): void {
    const { state } = this.#life;
    if (state === "paused" || state === "error" || state === "closed") return;
    this.#swarm.stop(new PeerError("closed", "the torrent was paused"));
    this.#life.enter("paused");
  }

  /** Goes on after {@link pause}, or after an error whose cause was mended. */
  resume(): void {
    const { state } = this.#life;
    if (state !== "paused" && state !== "error") return;
    const transfer = this.#transfer;
    if (transfer === null || this.#openings > 0) {
      this.#life.enter(this.metainfo === null ? "metadata" : "checking");
      if (this.#openings === 0) this.start();
      return;
    }
    this.#life.enter(this.#isComplete ? "seeding" : "downloading");
    this.#startNetwork();
    if (transfer.picker.isComplete) this.#completed(transfer);
    else this.announceNow();
  }

  /** Stops, says goodbye to peers and trackers, and keeps the resume data. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #track(step: Promise<void>): void {
    this.#openings++;
    this.#opening = step
      .catch((error: unknown) => this.#fail(error as Error))
      .finally(() => this.#openings--);
  }

  async #open(): Promise<void> {
    const { signal } = this.#stopping;
    const { metainfo } = this;
    if (metainfo !== null) return this.#prepare(metainfo);
    const isKnown = await this.#metadata.load(signal);
    if (!isKnown && !signal.aborted) this.#startNetwork();
  }

  /** Unless the torrent was paused in the meantime. */
  #startNetwork(): void {
    if (this.#life.state === "paused") return;
    this.#swarm.start();
    if (this.#announcer !== null) return;
    this.#announcer = announceTorrent({
      services: this.#services,
      source: this.#source,
      extraTiers: this.#options.trackers ?? [],
      infoHashes: this.swarmHashes,
      transfer: () => this.#transfer,
      leftBytes: (transfer) => this.#selection?.leftBytes(transfer.picker) ?? 0,
      onPeers: (peers, infoHash) => this.#swarm.addCandidates(peers, "tracker", infoHash),
    });
  }

  #metadataFetched(metainfo: Metainfo): void {
    this.#life.emit({ type: "metadata" });
    this.#enterUnlessPaused("checking");
    this.#track(this.#prepare(metainfo));
  }

  /** Opens the files, finds out what is there already, and begins to move data. */
  async #prepare(metainfo: Metainfo): Promise<void> {
    const { disk } = this.#services.runtime;
    const { signal } = this.#stopping;
    const { select, recheck = false, sequential = false } = this.#options;
    const selection = new Selection(metainfo, select ?? selectionOf(this.#source));
    this.#selection = selection;
    const saved = (await this.#resume?.load()) ?? null;
    this.#checked = 0;
    const transfer = await prepareTransfer({
      owner: this.#transferOwner(),
      metainfo,
      dir: this.dir,
      disk,
      random: this.#services.random,
      record: recheck ? null : saved,
      selection,
      sequential,
      signal,
      onProgress: (part) => (this.#checked = part),
    });
    this.#checked = 1;
    this.#transfer = transfer;
    // Marked as not clean from here on: a crash is recognised by it.
    await this.#resume?.save(transfer, false);
    if (signal.aborted) return;
    const { pieceCount } = metainfo;
    this.#life.emit({ type: "checked", verifiedPieces: transfer.have.count, pieceCount });
    this.#enterUnlessPaused("downloading");
    this.#swarm.begin(transfer);
    if (transfer.picker.isComplete) this.#completed(transfer);
    this.#startNetwork();
  }

  #transferOwner(): TransferOwner {
    return {
      gate: this.#services.gate,
      peers: this.#swarm.peers,
      onPieceVerified: (piece, senders) => this.#pieceVerified(piece, senders),
      onPieceFailed: (piece, senders) => this.#pieceFailed(piece, senders),
      onLiars: (addresses) => {
        for (const address of addresses) this.#swarm.ban(address, "sent blocks proven to be bad");
      },
      onLayer: () => this.#metadata.save(this.#transfer?.layers),
      onDiskFailed: (error) => this.#fail(error),
      onInconsistent: (piece) => {
        const message = `piece ${piece} agrees with only one of the torrent's two hashes: its author must make it anew`;
        this.#fail(new TorrentError("inconsistent-hashes", message));
      },
    };
  }

  #pieceVerified(piece: number, senders: ReadonlySet<TransferPeer>): void {
    for (const peer of senders) this.#swarm.candidates.trust(peer.remote.address);
    this.#resume?.touch();
    this.#life.emit({ type: "piece", piece });
    const transfer = this.#transfer;
    if (transfer !== null && transfer.picker.isComplete) this.#completed(transfer);
  }

  #completed(transfer: Transfer): void {
    if (this.#isComplete) return;
    transfer.storage.finish().then(
      () => {
        if (this.#stopping.signal.aborted) return;
        this.#isComplete = true;
        this.#enterUnlessPaused("seeding");
        // Trackers count downloads, not files that were here already.
        if (transfer.downloadMeter.totalBytes > 0) this.#announcer?.completed();
        this.#life.emit({ type: "complete" });
      },
      (error: unknown) => this.#fail(error as Error),
    );
  }

  #pieceFailed(piece: number, senders: ReadonlySet<TransferPeer>): void {
    const peers = [...senders].map((peer) => peer.remote.address);
    this.#life.emit({ type: "piece-failed", piece, peers });
    this.#swarm.blame(peers, piece);
  }

  #enterUnlessPaused(state: TorrentState): void {
    if (this.#life.state !== "paused") this.#life.enter(state);
  }

  /** Stops moving data until the user acts; what is verified stays verified. */
  #fail(error: Error): void {
    if (this.#stopping.signal.aborted || this.#life.state === "error") return;
    this.#checked = 1;
    this.#swarm.stop(new PeerError("closed", "the torrent stopped with an error"));
    this.#life.fail(error);
  }

  async #close(): Promise<void> {
    this.#stopping.abort();
    this.#swarm.stop(new PeerError("closed", "the torrent was closed"));
    const goodbye = this.#announcer?.close();
    await this.#opening;
    if (this.#transfer !== null) {
      await this.#transfer.settle();
      await this.#resume?.save(this.#transfer, true);
      await this.#transfer.close();
    }
    await goodbye;
    this.#life.close();
    this.#services.onClosed();
  }
}
