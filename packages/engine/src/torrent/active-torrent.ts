import type { Metainfo } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import { PeerError, TorrentError } from "../errors.ts";
import type { PeerLimiters } from "../peer/peer-owner.ts";
import { findReusable } from "../reuse/find-reusable.ts";
import type { PeerSource } from "../swarm/peer-source.ts";
import { Swarm } from "../swarm/swarm.ts";
import { WebSeeds } from "../web-seed/web-seeds.ts";
import type { BlockSender } from "./block-sender.ts";
import { KeptFiles } from "./kept-files.ts";
import type { TorrentLife } from "./life.ts";
import type { TorrentOptions } from "./options.ts";
import type { TorrentServices } from "./services.ts";
import { prepareTransfer } from "./prepare-transfer.ts";
import { resolveHints } from "./resolve-hints.ts";
import type { FileChoices } from "./resume.ts";
import type { Relocation } from "./relocation.ts";
import { createSelection, type Selection } from "./selection.ts";
import { identify, nameOf, swarmsOf, type TorrentSource } from "./source.ts";
import type { TorrentSettings } from "./settings.ts";
import { type FilesOwner, TorrentFiles } from "./torrent-files.ts";
import { TorrentMetadata } from "./torrent-metadata.ts";
import type { Totals } from "./totals.ts";
import type { Transfer, TransferOwner } from "./transfer.ts";

/** What an {@link ActiveTorrent} tells the torrent that it works for. */
export interface ActiveOwner {
  /** {@link ActiveTorrent.stage} or whether it can be reached has changed. */
  onStage(): void;
  /** Every wanted byte is verified and on disk. `isFresh`: some of it came in this run. */
  onComplete(isFresh: boolean): void;
  /** A magnet link turns out to be a private torrent (BEP 27). */
  onPrivate(): void;
  /** Its files lie in another folder now. */
  onMoved(dir: string): void;
  /** Nothing more can be done until the user acts. */
  onFailed(error: Error): void;
}

/** Whom an {@link ActiveTorrent} works for, and what it is to go by. */
export interface ActiveSubject {
  readonly life: TorrentLife;
  readonly options: TorrentOptions;
  readonly settings: TorrentSettings;
  readonly totals: Totals;
  /** Web seeds beside the torrent's own. */
  readonly moreWebSeeds: readonly string[];
}

/** The parts of a torrent that do its work: metadata, peers, files, resume data. */
export class ActiveTorrent {
  readonly metadata: TorrentMetadata;
  readonly swarm: Swarm;
  readonly webSeeds: WebSeeds;
  readonly limiters: PeerLimiters;
  /** Null until the metadata is known and the files are checked. */
  transfer: Transfer | null = null;
  /** Null until the metadata is known. */
  selection: Selection | null = null;
  /** Part of the check that is done, 0 to 1. */
  checked = 1;
  isComplete = false;
  /** There is something to connect for: the metadata is wanted, or data can be moved. */
  isReachable = false;
  readonly relocation: Relocation;
  /** What users do with its files. */
  readonly files: TorrentFiles;
  readonly #services: TorrentServices;
  readonly #options: TorrentOptions;
  readonly #source: TorrentSource;
  readonly #life: TorrentLife;
  readonly #settings: TorrentSettings;
  readonly #totals: Totals;
  readonly #owner: ActiveOwner;
  readonly #kept: KeptFiles;
  readonly #stopping = new AbortController();
  #choices: FileChoices = {};
  /** The tracker that answered last. */
  #trackerUrl: string | null = null;
  #opening: Promise<void> = Promise.resolve();
  /** How many steps of opening are under way: they go on while the torrent is paused. */
  #openings = 0;

  constructor(init: {
    services: TorrentServices;
    source: TorrentSource;
    core: ActiveSubject;
    owner: ActiveOwner;
  }) {
    const { services, source } = init;
    const { options, life, settings, totals } = init.core;
    this.#services = services;
    this.#options = options;
    this.#source = source;
    this.#life = life;
    this.#settings = settings;
    this.#totals = totals;
    this.#owner = init.owner;
    const { clock, resume, fileNames } = services;
    const { log, dns, http, net } = services.runtime;
    const identity = identify(source);
    this.#kept = new KeptFiles({
      infoHash: nameOf(identity),
      dir: options.dir,
      services,
      totals,
      choices: () => this.files.choices(),
      signal: this.#stopping.signal,
      onMoved: (dir) => {
        this.#owner.onMoved(dir);
        life.emit({ type: "moved", dir });
      },
    });
    this.relocation = this.#kept.relocation;
    this.limiters = services.limits.forTorrent(settings);
    this.files = new TorrentFiles(this.#filesOwner());
    this.metadata = new TorrentMetadata({
      source,
      identity,
      owner: {
        onMetainfo: (metainfo) => this.#metadataFetched(metainfo),
        onUnusable: (error) => this.#fail(error),
        onLiar: (peerId) => this.swarm.banPeer(peerId, "sent metadata of another torrent"),
      },
      resume,
      keepsAll: services.keepsTorrents,
      fileNames,
      clock,
      log,
    });
    this.swarm = new Swarm({
      services,
      owner: {
        extensions: [this.metadata.exchange, ...services.extensions],
        metadataBytes: () => this.metadata.exchange.lengthBytes,
        onPeerConnected: (peer) => life.emit({ type: "peer-connected", peer }),
        onPeerDisconnected: (peer, error) => life.emit({ type: "peer-disconnected", peer, error }),
        onPeerBanned: (address, reason) => {
          // Blame goes by address, and by URL where a web seed is to blame.
          if (this.webSeeds.ban(address, reason)) return;
          life.emit({ type: "peer-banned", address, reason });
        },
        onReadFailed: (error) => this.#fail(error),
      },
      infoHashes: swarmsOf(identity),
      limiters: this.limiters,
      peerExchange: options.peerExchange ?? services.peerExchange,
      superSeeding: settings.superSeeding,
    });
    const downloadLimiter = this.limiters.download;
    this.webSeeds = new WebSeeds(
      { ...services, http, net, dns, clock, downloadLimiter },
      (webSeed) => life.emit({ type: "web-seed", webSeed }),
    );
    for (const url of init.core.moreWebSeeds) this.webSeeds.add(url, "user");
    for (const url of source.webSeeds) this.webSeeds.add(url, "torrent");
    if (this.metadata.metainfo?.isPrivate === true) this.swarm.becomePrivate();
    this.swarm.addCandidates(options.peers ?? [], "user");
    resolveHints(source, dns, this.#stopping.signal, (peers) => this.addPeers(peers, "magnet"));
  }

  get isOpening(): boolean {
    return this.#openings > 0 || this.relocation.progress !== null;
  }

  /** What it is about. */
  get stage(): "metadata" | "checking" | "downloading" | "seeding" {
    if (this.metadata.metainfo === null) return "metadata";
    if (this.transfer === null || !this.isReachable) return "checking";
    return this.isComplete ? "seeding" : "downloading";
  }

  /** What its user chose of its files, as it is to be remembered. */
  get choices(): FileChoices {
    return this.transfer === null ? this.#choices : this.files.choices();
  }

  /** Finds the metadata, checks what is on disk, and begins to move data. */
  open(): void {
    this.#track(this.#open());
  }

  addPeers(peers: readonly Endpoint[], source: PeerSource, infoHash?: Uint8Array): void {
    this.swarm.addCandidates(peers, source, infoHash);
  }

  /** Peers that a tracker named. A private torrent that asks another tracker lets go of the peers of the last (BEP 27). */
  addTrackerPeers(peers: readonly Endpoint[], trackerUrl: string, infoHash: Uint8Array): void {
    const isPrivate = this.metadata.metainfo?.isPrivate === true;
    const hasChanged = this.#trackerUrl !== null && this.#trackerUrl !== trackerUrl;
    if (isPrivate && hasChanged) this.swarm.forgetTracker();
    this.#trackerUrl = trackerUrl;
    this.swarm.addCandidates(peers, "tracker", infoHash);
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    this.metadata.exchange.tick();
    this.transfer?.tick(nowMs);
    this.swarm.tick(nowMs);
    this.webSeeds.tick();
    if (this.transfer !== null) this.#kept.resume?.tick(this.transfer, nowMs);
  }

  /** Connects to peers and web seeds. */
  connect(): void {
    this.swarm.start();
    this.webSeeds.start();
  }

  /** Something of its settings has changed. */
  applySettings(): void {
    this.#services.limits.applyTo(this.limiters, this.#settings);
    this.swarm.superSeeding.want(this.#settings.superSeeding);
  }

  /** Disconnects all peers and web seeds. What is verified stays verified, and a check of what is on disk goes on. */
  disconnect(reason: string): void {
    this.swarm.stop(new PeerError("closed", reason));
    this.webSeeds.stop();
  }

  /** Looks whether everything that is wanted is here, and says so once. */
  checkCompletion(): void {
    const { transfer } = this;
    if (this.isComplete || transfer === null || !transfer.picker.isComplete) return;
    transfer.storage.finish().then(
      () => {
        // In the meantime more may have been selected.
        if (this.#stopping.signal.aborted || this.isComplete || !transfer.picker.isComplete) return;
        this.isComplete = true;
        this.#owner.onComplete(transfer.downloadMeter.totalBytes > 0);
      },
      (error: unknown) => this.#fail(error as Error),
    );
  }

  /** Stops, says goodbye to peers, finishes what is being written, and keeps the resume data. */
  async close(): Promise<void> {
    this.#stopping.abort();
    this.disconnect("the torrent was closed");
    await this.#opening;
    if (this.transfer === null) return;
    await this.transfer.settle();
    await this.#kept.resume?.save(this.transfer, true);
    await this.transfer.close();
  }

  #track(step: Promise<void>): void {
    this.#openings++;
    this.#opening = step
      .catch((error: unknown) => this.#fail(error as Error))
      .finally(() => {
        this.#openings--;
        this.#owner.onStage();
      });
  }

  async #open(): Promise<void> {
    const { signal } = this.#stopping;
    const { metainfo } = this.metadata;
    if (metainfo !== null) return this.#prepare(metainfo);
    const isKnown = await this.metadata.load(signal);
    if (isKnown || signal.aborted) return;
    this.isReachable = true;
    this.#owner.onStage();
  }

  #metadataFetched(metainfo: Metainfo): void {
    if (metainfo.isPrivate) {
      this.swarm.becomePrivate();
      this.#owner.onPrivate();
    }
    this.#life.emit({ type: "metadata" });
    this.#owner.onStage();
    this.#track(this.#prepare(metainfo));
  }

  /** Opens the files, finds out what is there already, and begins to move data. */
  async #prepare(metainfo: Metainfo): Promise<void> {
    this.checked = 0;
    const { disk } = this.#services.runtime;
    const { signal } = this.#stopping;
    const { wishes } = this.#settings;
    const move = await this.relocation.find();
    const saved = (await this.#kept.resume?.load()) ?? null;
    const selection = createSelection(metainfo, this.#source, wishes, saved?.choices);
    this.files.isSequential = wishes.sequential ?? saved?.choices.sequential ?? false;
    this.selection = selection;
    const choices = saved?.choices ?? {};
    this.#choices = choices;
    const { transfer, parked, names } = await prepareTransfer({
      owner: this.#transferOwner(),
      metainfo,
      infoHash: this.#kept.infoHash,
      dir: this.#kept.dir,
      disk,
      random: this.#services.random,
      record: wishes.recheck === true ? null : saved,
      choices,
      allocation: this.#options.allocation ?? this.#services.allocation,
      selection,
      sequential: this.files.isSequential,
      sources: await findReusable(metainfo, this.#options.reuse, this.#services),
      onReused: (file) => this.#life.emit({ type: "reused", file }),
      signal,
      checking: this.#services.checking,
      onProgress: (part) => (this.checked = part),
    });
    this.checked = 1;
    this.transfer = transfer;
    Object.assign(this.files, { parked, names });
    this.#totals.follow(transfer);
    // From here on the resume data has them.
    this.#settings.wishes = {};
    // Marked as not clean from here on: a crash is recognised by it.
    await this.#kept.resume?.save(transfer, false, "full");
    if (signal.aborted) return;
    await transfer.storage.trimPartFile();
    if (move !== null) {
      this.relocation.finish(move, metainfo, choices, (to) => this.files.resumeMove(to));
    }
    const { pieceCount } = metainfo;
    this.#life.emit({ type: "checked", verifiedPieces: transfer.have.count, pieceCount });
    this.isReachable = true;
    this.swarm.begin(transfer);
    this.webSeeds.begin(transfer);
    this.#owner.onStage();
    this.checkCompletion();
  }

  #transferOwner(): TransferOwner {
    return {
      gate: this.#services.gate,
      peers: this.swarm.peers,
      onPieceVerified: (piece, senders) => this.#pieceVerified(piece, senders),
      onPieceFailed: (piece, senders) => this.#pieceFailed(piece, senders),
      onPieceLost: (piece) => this.#pieceLost(piece),
      onJudged: (judgement) => this.swarm.suspects.judge(judgement),
      onLayer: () => this.metadata.save(this.transfer?.layers),
      onDiskFailed: (error) => this.#fail(error),
      onInconsistent: (piece) => {
        const message = `piece ${piece} agrees with only one of the torrent's two hashes: its author must make it anew`;
        this.#fail(new TorrentError("inconsistent-hashes", message));
      },
    };
  }

  #filesOwner(): FilesOwner {
    return {
      selection: () => this.selection,
      transfer: () => this.transfer,
      clock: this.#services.clock,
      fileNames: this.#services.fileNames,
      allocation: this.#options.allocation ?? this.#services.allocation,
      reach: (isThere, signal) => this.#life.reach(isThere, signal),
      onSelectionChanged: () => this.#selectionChanged(),
      relocate: (transfer, dir, isResumed) => this.relocation.move(transfer, dir, isResumed),
      save: async () => {
        if (this.transfer !== null) await this.#kept.resume?.save(this.transfer, false, "full");
      },
    };
  }

  #selectionChanged(): void {
    const isComplete = this.transfer?.picker.isComplete === true;
    if (isComplete || !this.isComplete) return this.checkCompletion();
    this.isComplete = false;
    this.#owner.onStage();
  }

  #pieceVerified(piece: number, senders: ReadonlySet<BlockSender>): void {
    this.swarm.announceHave(piece, senders);
    this.selection?.verified(piece);
    this.#kept.resume?.touch();
    this.#life.emit({ type: "piece", piece });
    this.checkCompletion();
  }

  #pieceFailed(piece: number, senders: ReadonlySet<BlockSender>): void {
    const peers = [...new Set([...senders].map((sender) => sender.remote.address))];
    this.#life.emit({ type: "piece-failed", piece, peers });
    this.swarm.suspects.blame(peers, piece);
  }

  #pieceLost(piece: number): void {
    this.selection?.lost(piece);
    this.#kept.resume?.touch();
    this.swarm.announceLost(piece);
    this.#life.emit({ type: "piece-lost", piece });
    this.#selectionChanged();
  }

  /** Stops moving data until the user acts; what is verified stays verified. */
  #fail(error: Error): void {
    if (this.#stopping.signal.aborted || this.#life.state === "error") return;
    this.checked = 1;
    this.#owner.onFailed(error);
  }
}
