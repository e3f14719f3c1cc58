import {
  createPeerId,
  type FileNameRules,
  infoHashHex,
  type Magnet,
  type Metainfo,
  obfuscatedInfoHash,
  parseMagnet,
  parseMetainfo,
  PEER_ID_RANDOM_BYTES,
} from "@shoal/protocol";
import type { Runtime, StreamSocket, Timer } from "@shoal/runtime";
import { createTrackerClient, type TrackerClient } from "@shoal/tracker";
import { createTitForTatPolicy } from "../choker/tit-for-tat.ts";
import type { UploadPolicy } from "../choker/upload-policy.ts";
import { SessionError } from "../errors.ts";
import type { PeerExtension } from "../extension/extension.ts";
import { type FlowGate, openGate } from "../extension/flow-gate.ts";
import { acceptPeer } from "../peer/accept.ts";
import type { Encryption } from "../peer/encryption.ts";
import { createRateLimiter, type RateLimiter } from "../rate/rate-limiter.ts";
import type { KnownTorrent } from "../reuse/reuse-sources.ts";
import { DialPace } from "../swarm/dial-pace.ts";
import { ExternalAddress } from "../swarm/external-address.ts";
import { RESUME_SCHEMA, ResumeStore } from "../torrent/resume.ts";
import type { Allocation, TorrentOptions, TorrentServices } from "../torrent/options.ts";
import { Torrent } from "../torrent/torrent.ts";
import {
  openPeerTransport,
  type PeerTransport,
  type UtpMode,
} from "../transport/peer-transport.ts";
import type { UdpHub } from "../transport/udp-hub.ts";
import { HandshakePlaces } from "./handshake-places.ts";

const TICK_MS = 1000;

export interface SessionOptions {
  /** The world: `createNodeRuntime()` or a host of the simulator. The session does not close it. */
  readonly runtime: Runtime;
  /** Port to listen on, TCP and UDP; 0, the default, takes a free one. */
  readonly port?: number;
  /** Address to listen on and connect from; all when absent. */
  readonly host?: string;
  /** `allow` when absent. */
  readonly encryption?: Encryption;
  /** Whether peers are spoken to over uTP (BEP 29); `prefer` when absent. */
  readonly utp?: UtpMode;
  /** Bytes per second over all torrents; null, the default, for no limit. */
  readonly downloadLimit?: number | null;
  readonly uploadLimit?: number | null;
  /** Peers unchoked at once, per torrent; `auto` when absent. */
  readonly uploadSlots?: number | "auto";
  readonly maxPeers?: number;
  readonly maxPeersPerTorrent?: number;
  /** Attempts to connect in a second, over all torrents; 30 when absent. */
  readonly dialsPerSecond?: number;
  /** Learn peers from peers (BEP 11), in torrents that do not say otherwise; true when absent. */
  readonly peerExchange?: boolean;
  /** How names of files are made safe: `posix` keeps more of them; by the platform when absent. */
  readonly fileNames?: FileNameRules;
  /** How room for files is taken; `sparse` when absent. */
  readonly allocation?: Allocation;
  /** Remember progress in the runtime's store; true when absent. */
  readonly resume?: boolean;
  /** Whom to upload to; tit-for-tat when absent. */
  readonly uploadPolicy?: UploadPolicy;
  /** Protocol extensions (BEP 10) beside the engine's own. */
  readonly extensions?: readonly PeerExtension[];
  /** Governs the flow of bytes per peer; open when absent. */
  readonly flowGate?: FlowGate;
}

export interface Session {
  /** The port that peers reach this session at: of TCP, and of UDP. */
  readonly port: number;
  /** The UDP socket at that port, for whoever speaks over it too; null when another program has the port. */
  readonly udp: UdpHub | null;
  readonly torrents: readonly Torrent[];
  /**
   * Adds a torrent and starts it.
   * @param source A torrent file's bytes or its parsed form, or a magnet link.
   * @throws {BencodeError|MetainfoError|MagnetError} when the source cannot be read.
   * @throws {SessionError} `duplicate-torrent` or `closed`.
   */
  add(source: Uint8Array | string | Metainfo | Magnet, options: TorrentOptions): Promise<Torrent>;
  /**
   * Stops a torrent and forgets it. Its files and resume data stay, unless `deleteFiles` asks for their removal: of
   * the torrent's own files, and then of empty folders; links are never followed.
   * @throws {DiskError} when something could not be removed; the torrent is forgotten all the same.
   */
  remove(torrent: Torrent, options?: { readonly deleteFiles?: boolean }): Promise<void>;
  /** @param infoHash Hex of a v1 or v2 infohash. */
  find(infoHash: string): Torrent | undefined;
  /** Bytes per second over all torrents; null for no limit. */
  setLimits(limits: { download?: number | null; upload?: number | null }): void;
  /** Closes all torrents in order. The runtime stays open. */
  close(): Promise<void>;
}

/**
 * Opens a session: a listening port, and the torrents that share it, its limits and its rules.
 * @throws {NetError} when the port cannot be listened on; {StoreError} when resume data cannot be opened.
 */
export async function createSession(options: SessionOptions): Promise<Session> {
  const session = new EngineSession(options);
  await session.open();
  return session;
}

class EngineSession implements Session {
  readonly #options: SessionOptions;
  readonly #runtime: Runtime;
  readonly #peerId: Uint8Array;
  readonly #torrents = new Set<Torrent>();
  /** By the hex of each 20-byte infohash that peers may name. */
  readonly #byInfoHash = new Map<string, { torrent: Torrent; infoHash: Uint8Array }>();
  /** By the hex of what stands for the infohash in an MSE handshake. */
  readonly #byObfuscated = new Map<string, Uint8Array>();
  readonly #uploadLimiter: RateLimiter;
  readonly #downloadLimiter: RateLimiter;
  #trackerClient!: TrackerClient;
  readonly #policy: UploadPolicy;
  readonly #dialPace: DialPace;
  readonly #externalAddress = new ExternalAddress();
  readonly #fileNames: FileNameRules;
  #resume: ResumeStore | null = null;
  #transport: PeerTransport | null = null;
  #ticker: Timer | null = null;
  #peerCount = 0;
  readonly #handshakes = new HandshakePlaces();
  readonly #stopping = new AbortController();
  #closing: Promise<void> | null = null;

  constructor(options: SessionOptions) {
    const { runtime } = options;
    const { clock, random } = runtime;
    this.#options = options;
    this.#runtime = runtime;
    this.#peerId = createPeerId(random.bytes(PEER_ID_RANDOM_BYTES));
    this.#uploadLimiter = createRateLimiter({ clock, bytesPerSecond: options.uploadLimit ?? null });
    this.#downloadLimiter = createRateLimiter({
      clock,
      bytesPerSecond: options.downloadLimit ?? null,
    });
    this.#fileNames = options.fileNames ?? (process.platform === "win32" ? "portable" : "posix");
    this.#dialPace = new DialPace(clock, options.dialsPerSecond);
    this.#policy = options.uploadPolicy ?? createTitForTatPolicy({ random });
  }

  get port(): number {
    return this.#transport?.port ?? 0;
  }
  get udp(): UdpHub | null {
    return this.#transport?.hub ?? null;
  }
  get torrents(): readonly Torrent[] {
    return [...this.#torrents];
  }

  async open(): Promise<void> {
    const { host, port = 0, utp = "prefer", resume = true, flowGate } = this.#options;
    if (resume) this.#resume = new ResumeStore(await this.#runtime.store.open(RESUME_SCHEMA));
    const { net, http, dns, clock, random, log } = this.#runtime;
    const transport = await openPeerTransport({
      runtime: this.#runtime,
      host,
      port,
      mode: utp,
      onConnection: (socket) => void this.#accept(socket),
    });
    this.#transport = transport;
    const udp = transport.hub === null ? {} : { udp: transport.hub };
    this.#trackerClient = createTrackerClient({ net, http, dns, clock, random, log, ...udp });
    flowGate?.attach?.((peerId) => {
      for (const torrent of this.#torrents) torrent.wakePeer(peerId);
    });
    this.#ticker = clock.setRepeating(TICK_MS, () => {
      const nowMs = clock.monotonicMs();
      for (const torrent of this.#torrents) torrent.tick(nowMs);
    });
  }

  async add(
    source: Uint8Array | string | Metainfo | Magnet,
    options: TorrentOptions,
  ): Promise<Torrent> {
    if (this.#closing !== null) throw new SessionError("closed", "the session is closed");
    const services = this.#services(() => this.#forget(torrent));
    const torrent = new Torrent(services, parseSource(source, this.#fileNames), options);
    for (const infoHash of torrent.swarmHashes) {
      if (!this.#byInfoHash.has(infoHashHex(infoHash))) continue;
      await torrent.close();
      throw new SessionError(
        "duplicate-torrent",
        `torrent ${torrent.infoHash} is in this session already`,
      );
    }
    for (const infoHash of torrent.swarmHashes) {
      this.#byInfoHash.set(infoHashHex(infoHash), { torrent, infoHash });
      this.#byObfuscated.set(infoHashHex(obfuscatedInfoHash(infoHash)), infoHash);
    }
    this.#torrents.add(torrent);
    torrent.start();
    return torrent;
  }

  async remove(torrent: Torrent, options: { deleteFiles?: boolean } = {}): Promise<void> {
    await torrent.remove(options.deleteFiles === true ? "everything" : "part-file");
  }

  find(infoHash: string): Torrent | undefined {
    const wanted = infoHash.toLowerCase().slice(0, 40);
    return this.#byInfoHash.get(wanted)?.torrent;
  }

  setLimits(limits: { download?: number | null; upload?: number | null }): void {
    if (limits.download !== undefined) this.#downloadLimiter.setLimit(limits.download);
    if (limits.upload !== undefined) this.#uploadLimiter.setLimit(limits.upload);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopping.abort(new SessionError("closed", "the session was closed"));
    await Promise.all([...this.#torrents].map((torrent) => torrent.close()));
    this.#ticker?.cancel();
    await this.#trackerClient.close();
    await this.#transport?.close();
  }

  #services(onClosed: () => void): TorrentServices {
    const { encryption, uploadSlots, maxPeers, maxPeersPerTorrent, host } = this.#options;
    const { clock, random, disk } = this.#runtime;
    return {
      runtime: this.#runtime,
      net: this.#transport!,
      clock,
      random,
      pool: disk.pool,
      gate: this.#options.flowGate ?? openGate,
      policy: this.#policy,
      uploadSlots: uploadSlots ?? "auto",
      encryption: encryption ?? "allow",
      maxPeersPerTorrent: maxPeersPerTorrent ?? 100,
      peerExchange: this.#options.peerExchange ?? true,
      dialPace: this.#dialPace,
      externalAddress: this.#externalAddress,
      peerId: this.#peerId,
      listenPort: this.port,
      localAddress: host,
      resume: this.#resume,
      fileNames: this.#fileNames,
      allocation: this.#options.allocation ?? "sparse",
      trackerClient: this.#trackerClient,
      extensions: this.#options.extensions ?? [],
      uploadLimiter: this.#uploadLimiter,
      downloadLimiter: this.#downloadLimiter,
      mayConnect: () => this.#peerCount < (maxPeers ?? 500),
      onConnected: () => void this.#peerCount++,
      onDisconnected: () => void this.#peerCount--,
      otherTorrents: (than) => this.#otherTorrents(than),
      onClosed,
    };
  }

  *#otherTorrents(than: Metainfo): Generator<KnownTorrent> {
    for (const { dir, metainfo } of this.#torrents) {
      if (metainfo !== null && metainfo !== than) yield { dir, metainfo };
    }
  }

  #forget(torrent: Torrent): void {
    if (!this.#torrents.delete(torrent)) return;
    for (const infoHash of torrent.swarmHashes) {
      this.#byInfoHash.delete(infoHashHex(infoHash));
      this.#byObfuscated.delete(infoHashHex(obfuscatedInfoHash(infoHash)));
    }
  }

  async #accept(socket: StreamSocket): Promise<void> {
    const { clock, random, disk, log } = this.#runtime;
    const { address } = socket.remote;
    if (this.#closing !== null || !this.#handshakes.enter(address)) return socket.destroy();
    try {
      const opened = await acceptPeer(socket, {
        clock,
        random,
        pool: disk.pool,
        encryption: this.#options.encryption ?? "allow",
        peerId: this.#peerId,
        signal: this.#stopping.signal,
        flagsFor: (infoHash) => {
          const torrent = this.#byInfoHash.get(infoHashHex(infoHash))?.torrent;
          if (torrent === undefined) return null;
          const isHybrid = torrent.swarmHashes.length > 1;
          return { fast: true, extended: true, dht: false, v2: isHybrid };
        },
        findObfuscated: (hash) => this.#byObfuscated.get(infoHashHex(hash)) ?? null,
      });
      const found = this.#byInfoHash.get(infoHashHex(opened.handshake.infoHash));
      found?.torrent.accept(opened);
    } catch (error) {
      log.debug("an incoming connection failed its handshake", { remote: socket.remote, error });
    } finally {
      this.#handshakes.leave(address);
    }
  }
}

function parseSource(
  source: Uint8Array | string | Metainfo | Magnet,
  fileNames: FileNameRules,
): Metainfo | Magnet {
  if (typeof source === "string") return parseMagnet(source);
  return source instanceof Uint8Array ? parseMetainfo(source, { fileNames }) : source;
}
