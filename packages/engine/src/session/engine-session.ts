import type { Dht } from "@shoal/dht";
import {
  createPeerId,
  type FileNameRules,
  type Magnet,
  type Metainfo,
  PEER_ID_RANDOM_BYTES,
} from "@shoal/protocol";
import type { Runtime, Timer } from "@shoal/runtime";
import { createAnnouncePacer, type TrackerClient } from "@shoal/tracker";
import type { UtpCounters } from "@shoal/utp";
import { createTitForTatPolicy } from "../choker/tit-for-tat.ts";
import { Discovery, type DiscoveryStatus } from "../discovery/discovery.ts";
import { SessionError } from "../errors.ts";
import { openGate } from "../extension/flow-gate.ts";
import { type DirectionLimits, LimitTree, type PassedBytes } from "../rate/limit-tree.ts";
import { listOthers } from "../reuse/reuse-sources.ts";
import { DialPace } from "../swarm/dial-pace.ts";
import { OPEN_ADDRESSES } from "../swarm/address-filter.ts";
import { ExternalAddress } from "../swarm/external-address.ts";
import { AnnounceStarts } from "../torrent/announce-starts.ts";
import { fromEntry } from "../torrent/keep-entry.ts";
import type { CoreServices } from "../torrent/core-services.ts";
import type { TorrentOptions } from "../torrent/options.ts";
import { removeTorrent } from "../torrent/remove-torrent.ts";
import type { ResumeStore } from "../torrent/resume.ts";
import { describeSource, identify } from "../torrent/source.ts";
import type { Torrent } from "../torrent/torrent.ts";
import { TorrentCore } from "../torrent/torrent-core.ts";
import { loadSource, parseSource } from "../torrent/load-source.ts";
import { openPeerTransport, type PeerTransport } from "../transport/peer-transport.ts";
import type { UdpHub } from "../transport/udp-hub.ts";
import { createDoor } from "./accept-incoming.ts";
import { Categories } from "./categories.ts";
import { Connections } from "./connections.ts";
import { EventHub } from "./event-hub.ts";
import { Places } from "./places.ts";
import type { CategoryOptions, Session, SessionEvent, SessionQueue } from "./session.ts";
import type { SessionOptions } from "./session-options.ts";
import {
  assertShareLimits,
  type ShareAction,
  type ShareLimitReason,
  type ShareLimits,
} from "./share-limits.ts";
import { openTrackers } from "./open-trackers.ts";
import { openSessionStore } from "./session-store.ts";
import { ShareWatch } from "./share-watch.ts";
import { SpeedLimits } from "./speed-limits.ts";
import type { SpeedSchedule } from "./speed-schedule.ts";
import type { Changes } from "./torrent-changes.ts";
import type { TorrentKeeper } from "./torrent-keeper.ts";
import { createSessionQueue } from "./session-queue.ts";
import { TorrentQueue } from "./torrent-queue.ts";
import { TorrentRegistry } from "./torrent-registry.ts";
import type { SessionTraffic } from "./traffic.ts";

const TICK_MS = 1000;
/** Torrents that are awake because a tracker named peers, in a session that lets them sleep. */
const MAX_AWAKE = 500;

/** See {@link Session}. */
export class EngineSession implements Session {
  readonly queue: SessionQueue;
  readonly connections: Connections;
  readonly passed: PassedBytes;
  readonly #options: SessionOptions;
  readonly #runtime: Runtime;
  readonly #registry: TorrentRegistry;
  readonly #queue: TorrentQueue;
  readonly #shares: ShareWatch;
  readonly #limits: LimitTree;
  readonly #speeds: SpeedLimits;
  #shareLimits: ShareLimits;
  readonly #categories: Categories;
  readonly #hub: EventHub<SessionEvent>;
  #trackerClient: TrackerClient | null = null;
  readonly #fileNames: FileNameRules;
  readonly #peerId: Uint8Array;
  #services: CoreServices<TorrentCore> | null = null;
  #resume: ResumeStore | null = null;
  #keeper: TorrentKeeper | null = null;
  #transport: PeerTransport | null = null;
  #discovery: Discovery | null = null;
  #ticker: Timer | null = null;
  readonly #stopping = new AbortController();
  #unfilter: (() => void) | undefined;
  #closing: Promise<void> | null = null;

  constructor(options: SessionOptions) {
    const { runtime } = options;
    const { clock, random, log } = runtime;
    this.#options = options;
    this.connections = new Connections(options.maxPeers);
    this.#runtime = runtime;
    this.#peerId = createPeerId(random.bytes(PEER_ID_RANDOM_BYTES));
    this.#shareLimits = options.shareLimits ?? {};
    assertShareLimits(this.#shareLimits);
    const { downloadLimit, uploadLimit, peerDownloadLimit, peerUploadLimit } = options;
    const usual = { download: downloadLimit ?? null, upload: uploadLimit ?? null };
    this.#limits = new LimitTree({
      clock,
      session: usual,
      perPeer: { download: peerDownloadLimit ?? null, upload: peerUploadLimit ?? null },
      limitLocalPeers: options.limitLocalPeers ?? true,
    });
    this.#categories = new Categories(this.#limits);
    this.passed = this.#limits.passed;
    this.#speeds = new SpeedLimits(this.#limits, clock, usual, options.schedule ?? null);
    this.#fileNames = options.fileNames ?? (process.platform === "win32" ? "portable" : "posix");
    this.#hub = new EventHub((error) => log.error("a listener of a session threw", { error }));
    this.#queue = new TorrentQueue(options.queue ?? {});
    this.#registry = new TorrentRegistry(this.#queue, clock, (event) => this.#hub.emit(event));
    this.queue = createSessionQueue(this.#registry, (core) => this.#keeper?.touch(core));
    this.#shares = new ShareWatch({
      limitsOf: ({ settings }) => [
        settings.shareLimits,
        this.#categories.shareLimitsOf(settings.category),
        this.#shareLimits,
      ],
      onReached: (core, reason, action) => this.#sharedEnough(core, reason, action),
    });
  }

  get port(): number {
    return this.#transport?.port ?? 0;
  }
  get udp(): UdpHub | null {
    return this.#transport?.hub ?? null;
  }
  get utp(): UtpCounters | null {
    return this.#transport?.utp?.counters ?? null;
  }
  get dht(): Dht | null {
    return this.#discovery?.dht ?? null;
  }
  get discovery(): DiscoveryStatus {
    return this.#discovery?.status ?? { dht: null, lsd: null, portMappings: [] };
  }

  get torrents(): readonly Torrent[] {
    return this.#registry.torrents;
  }

  get traffic(): SessionTraffic {
    return this.#registry.traffic;
  }

  get categories(): readonly string[] {
    return this.#categories.names;
  }

  async open(): Promise<void> {
    const { host, port = 0, utp = "prefer", flowGate, addressFilter, signal } = this.#options;
    const { resume: kept, keeper } = await openSessionStore(this.#options);
    [this.#resume, this.#keeper] = [kept, keeper];
    const { promise: whenRestored, resolve: restored } = Promise.withResolvers<void>();
    const parts = {
      runtime: this.#runtime,
      peerId: this.#peerId,
      index: this.#registry.index,
      hasDht: () => this.dht !== null,
      isBlocked: (address: string) => addressFilter?.isBlocked(address) === true,
      signal: this.#stopping.signal,
    };
    this.#unfilter = addressFilter?.onChange(() => {
      for (const { active } of this.#registry.awake) active?.swarm.reviewAddresses();
    });
    const door = createDoor({ ...parts, encryption: this.#options.encryption ?? "allow" });
    const transport = await openPeerTransport({
      runtime: this.#runtime,
      host,
      port,
      mode: utp,
      // Whom a connection is for is known once all torrents are back.
      onConnection: (socket) => void whenRestored.then(() => door(socket)),
    });
    this.#transport = transport;
    const client = openTrackers(parts, transport.hub, this.#options.webRtc ?? null);
    this.#trackerClient = client;
    this.#discovery = await Discovery.open(this.#options, transport, {
      mayWake: () => this.#registry.awake.size < MAX_AWAKE,
      onPortsMapped: (mappings) => this.#hub.emit({ type: "ports-mapped", mappings }),
    });
    this.#services = this.#createServices(transport, client);
    flowGate?.attach?.((peerId) => {
      for (const { active } of this.#registry.awake) active?.swarm.find(peerId)?.wake();
    });
    this.#ticker = this.#runtime.clock.setRepeating(TICK_MS, () => this.#tick());
    signal?.addEventListener("abort", () => void this.close(), { once: true });
    await this.#restore();
    restored();
  }

  async add(
    source: Uint8Array | string | Metainfo | Magnet,
    options: TorrentOptions,
  ): Promise<Torrent> {
    const services = this.#services;
    if (services === null || this.#closing !== null) {
      throw new SessionError("closed", "the session is closed");
    }
    const parsed = parseSource(source, this.#fileNames);
    const identity = identify(parsed);
    const core = new TorrentCore({ services, identity, options, ...describeSource(parsed) });
    const torrent = this.#registry.add(core);
    try {
      await this.#keeper?.keep(core, parsed);
    } catch (error) {
      this.#registry.remove(core);
      throw error;
    }
    if ("nodes" in parsed) void this.#discovery?.learnNodes(parsed.nodes);
    this.#queue.start(core);
    this.#hub.emit({ type: "torrent-added", torrent });
    return torrent;
  }

  async remove(torrent: Torrent, options: { deleteFiles?: boolean } = {}): Promise<void> {
    const core = this.#registry.coreOf(torrent);
    if (core === undefined) return;
    try {
      await removeTorrent(core, options.deleteFiles === true ? "everything" : "part-file");
    } finally {
      await this.#keeper?.forget(core);
    }
  }

  find(infoHash: string): Torrent | undefined {
    const core = this.#registry.index.findHex(infoHash);
    return core === undefined ? undefined : this.#registry.torrentOf(core);
  }

  changes(revision = -1): Changes<Torrent> {
    return this.#registry.changes(revision);
  }

  setLimits(limits: DirectionLimits): void {
    this.#speeds.setLimits(limits);
  }

  setSchedule(schedule: SpeedSchedule | null): void {
    this.#speeds.setSchedule(schedule);
  }

  setShareLimits(limits: ShareLimits): void {
    assertShareLimits(limits);
    this.#shareLimits = limits;
    this.#shares.reset();
  }

  setCategory(name: string, options: CategoryOptions = {}): void {
    this.#categories.set(name, options, this.#queue.cores);
    this.#shares.reset();
  }

  setCategoryLimits(name: string, limits: DirectionLimits): void {
    this.#categories.setLimits(name, limits);
  }

  passedIn(category: string): PassedBytes {
    return this.#limits.passedIn(category);
  }

  removeCategory(name: string): void {
    this.#categories.remove(name, this.#queue.cores);
  }

  on(listener: (event: SessionEvent) => void): () => void {
    return this.#hub.on(listener);
  }

  events(signal?: AbortSignal): AsyncIterableIterator<SessionEvent> {
    return this.#hub.iterate(signal);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#stopping.abort(new SessionError("closed", "the session was closed"));
    this.#ticker?.cancel();
    this.#unfilter?.();
    await this.#discovery?.close();
    await this.#transport?.close();
    await Promise.all(this.#queue.cores.map((core) => core.close()));
    await this.#trackerClient?.close();
    this.#hub.close();
  }

  async #restore(): Promise<void> {
    const { restore } = this.#options;
    const services = this.#services!;
    if (this.#keeper === null) return;
    const isMine = typeof restore === "function" ? restore : () => true;
    for await (const { entries, lastSeenMs } of this.#keeper.load(isMine)) {
      if (this.#closing !== null) return;
      const cores = entries.map((entry) => {
        const core = new TorrentCore(fromEntry(services, entry, lastSeenMs));
        core.order = entry.order;
        this.#registry.add(core);
        return core;
      });
      this.#queue.startEarly(cores);
    }
    this.#queue.startAll();
  }

  #createServices(net: PeerTransport, trackerClient: TrackerClient): CoreServices<TorrentCore> {
    const { encryption, uploadSlots, maxPeersPerTorrent, host } = this.#options;
    const { clock, random, disk } = this.#runtime;
    return {
      runtime: this.#runtime,
      net,
      clock,
      random,
      pool: disk.pool,
      gate: this.#options.flowGate ?? openGate,
      policy:
        this.#options.uploadPolicy ??
        createTitForTatPolicy({ random, seedChoking: this.#options.seedChoking ?? "round-robin" }),
      uploadSlots: uploadSlots ?? "auto",
      encryption: encryption ?? "allow",
      maxPeersPerTorrent: maxPeersPerTorrent ?? 100,
      peerId: this.#peerId,
      ports: this.#discovery!.ports,
      localAddress: host,
      resume: this.#resume,
      keepsTorrents: this.#keeper !== null,
      fileNames: this.#fileNames,
      trackerClient,
      pacer: createAnnouncePacer({ clock }),
      announceStarts: new AnnounceStarts(clock),
      finders: this.#discovery!.finders,
      dht: this.#discovery!.link,
      extensions: this.#options.extensions ?? [],
      otherTorrents: (than) => listOthers(this.torrents, than),
      peerExchange: this.#options.peerExchange ?? true,
      allocation: this.#options.allocation ?? "sparse",
      dialPace: new DialPace(clock, this.#options.dialsPerSecond),
      addressFilter: this.#options.addressFilter ?? OPEN_ADDRESSES,
      externalAddress: new ExternalAddress(),
      limits: this.#limits,
      checking: new Places(1),
      mayConnect: () => this.connections.hasRoom,
      onConnected: () => this.connections.opened(),
      onDisconnected: () => this.connections.closed(),
      loadSource: (core) => loadSource(core, this.#resume, this.#fileNames),
      mayWake: () => this.#registry.awake.size < MAX_AWAKE,
      onAwake: (core, isAwake) => this.#registry.awoke(core, isAwake),
      onEvent: (core, event) => this.#registry.heard(core, event),
      onTrackers: (core) => this.#registry.touch(core),
      onChanged: (core) => {
        if (this.#registry.torrentOf(core) === undefined) return;
        this.#registry.touch(core);
        this.#keeper?.touch(core);
        this.#queue.changed(core);
      },
      onClosed: async (core) => {
        this.#registry.remove(core);
        await this.#keeper?.save([core]);
      },
    };
  }

  #tick(): void {
    const nowMs = this.#runtime.clock.monotonicMs();
    for (const core of [...this.#registry.awake]) core.tick(nowMs);
    this.#queue.tick(nowMs);
    this.#discovery?.tick(nowMs);
    this.#shares.tick(this.#queue.cores, nowMs);
    this.#speeds.tick();
    this.#keeper?.tick(this.#registry.awake, nowMs);
  }

  #sharedEnough(core: TorrentCore, reason: ShareLimitReason, action: ShareAction): void {
    const torrent = this.#registry.torrentOf(core)!;
    this.#hub.emit({ type: "share-limit-reached", torrent, reason, action });
    if (action === "pause") core.pause();
    else if (action === "remove") void this.remove(torrent);
    else if (action === "super-seed") torrent.setSuperSeeding(true);
  }
}
