import type { HandshakeFlags } from "@shoal/protocol";
import {
  type Clock,
  type Endpoint,
  type Net,
  NetError,
  type Random,
  type SlabPool,
  type Timer,
} from "@shoal/runtime";
import { CHOKE_ROUND_MS, createChoker, type Choker } from "../choker/choker.ts";
import type { UploadPolicy } from "../choker/upload-policy.ts";
import { PeerError } from "../errors.ts";
import type { PeerExtension } from "../extension/extension.ts";
import type { FlowGate } from "../extension/flow-gate.ts";
import { Candidates, keyOf, type PeerSource } from "../peer/candidates.ts";
import { dialPeer, type OpenedConnection } from "../peer/dial.ts";
import type { Encryption } from "../peer/encryption.ts";
import { HANDSHAKE_TIMEOUT_MS } from "../peer/raw-stream.ts";
import { Peer } from "../peer/peer.ts";
import type { RateLimiter } from "../rate/rate-limiter.ts";
import type { Transfer } from "./transfer.ts";

/** Connections being opened at once, per torrent. */
const MAX_CONNECTING = 16;
/**
 * Peers of one address that came by themselves: part of all places, and so many at least. Many may
 * share an address behind a NAT, but one address must not shut out all others.
 */
const MOST_OF_ONE_ADDRESS = 1 / 2;
const LEAST_OF_ONE_ADDRESS = 8;
/** So soon an idle peer is asked for what others have not brought by then (end game). */
const IDLE_RETRY_MS = 250;

/** What a swarm takes from its session. */
export interface SwarmServices {
  readonly net: Net;
  readonly clock: Clock;
  readonly random: Random;
  readonly pool: SlabPool;
  readonly gate: FlowGate;
  readonly policy: UploadPolicy;
  readonly uploadSlots: number | "auto";
  readonly encryption: Encryption;
  readonly maxPeersPerTorrent: number;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly listenPort: number;
  /** Local address to connect from; undefined for the system's choice. */
  readonly localAddress: string | undefined;
  /** Counts connections over all torrents: says no beyond the session's bound. */
  mayConnect(): boolean;
  onConnected(): void;
  onDisconnected(): void;
}

/** What a swarm tells its torrent. */
export interface SwarmOwner {
  readonly extensions: readonly PeerExtension[];
  metadataBytes(): number | null;
  onPeerConnected(peer: Peer): void;
  onPeerDisconnected(peer: Peer, error: Error | null): void;
  onPeerBanned(address: string, reason: string): void;
  onReadFailed(error: Error): void;
}

/** The peers of one torrent: finds room for them, connects, chokes and lets go. */
export class Swarm {
  readonly peers = new Set<Peer>();
  readonly candidates: Candidates;
  readonly clock: Clock;
  readonly gate: FlowGate;
  readonly uploadLimiter: RateLimiter;
  readonly downloadLimiter: RateLimiter;
  readonly listenPort: number;
  transfer: Transfer | null = null;
  readonly #services: SwarmServices;
  readonly #owner: SwarmOwner;
  /** The 20 bytes that open connections, with the v2 flag of hybrid torrents. */
  readonly #infoHashes: readonly Uint8Array[];
  readonly #infoHashHex: string;
  readonly #flags: HandshakeFlags;
  readonly #choker: Choker;
  readonly #connecting = new Map<string, AbortController>();
  #lastRoundMs = -Infinity;
  #chokeSoon = false;
  #hasIdleSlot = true;
  #idleTimer: Timer | null = null;
  #active = false;

  constructor(init: {
    services: SwarmServices;
    owner: SwarmOwner;
    /** 20 bytes each: one, or the two of a hybrid torrent. */
    infoHashes: readonly Uint8Array[];
    uploadLimiter: RateLimiter;
    downloadLimiter: RateLimiter;
  }) {
    const { services } = init;
    this.#services = services;
    this.#owner = init.owner;
    this.#infoHashes = init.infoHashes;
    this.#infoHashHex = Buffer.from(init.infoHashes[0]!).toString("hex");
    this.#flags = { fast: true, extended: true, dht: false, v2: init.infoHashes.length > 1 };
    this.clock = services.clock;
    this.gate = services.gate;
    this.listenPort = services.listenPort;
    this.uploadLimiter = init.uploadLimiter;
    this.downloadLimiter = init.downloadLimiter;
    this.candidates = new Candidates(services.clock, services.random);
    this.#choker = createChoker({ policy: services.policy, uploadSlots: services.uploadSlots });
  }

  // --- As the owner of its peers ----------------------------------------------------------------

  get extensions(): readonly PeerExtension[] {
    return this.#owner.extensions;
  }
  get metadataBytes(): number | null {
    return this.#owner.metadataBytes();
  }
  get connecting(): number {
    return this.#connecting.size;
  }

  onReadFailed(error: Error): void {
    this.#owner.onReadFailed(error);
  }

  /** In a crowd interest changes all the time: the choice is made anew only where a slot is idle, or falls idle. */
  onPeerInterest(peer: Peer): void {
    if (!peer.choking || (peer.peerInterested && this.#hasIdleSlot)) this.#soonChoke();
  }

  onPeerIdle(): void {
    this.#idleTimer ??= this.clock.setTimer(IDLE_RETRY_MS, () => {
      this.#idleTimer = null;
      for (const peer of this.peers) if (peer.requestsSent === 0) peer.wake();
    });
  }

  onPeerClosed(peer: Peer, error: Error | null): void {
    this.peers.delete(peer);
    this.#services.onDisconnected();
    const wasUseful = peer.downloadedBytes + peer.uploadedBytes > 0;
    if (this.#active) this.candidates.disconnected(peer.remote, wasUseful);
    else this.candidates.released(peer.remote);
    this.#owner.onPeerDisconnected(peer, error);
    if (!peer.choking) this.#soonChoke();
    if (this.#active) this.connect();
  }

  // --- Life -------------------------------------------------------------------------------------

  /** Lets peers in and connects to candidates. */
  start(): void {
    this.#active = true;
    this.connect();
  }

  /** Data can be moved from here on. */
  begin(transfer: Transfer): void {
    this.transfer = transfer;
    for (const peer of [...this.peers]) {
      try {
        peer.begin(transfer);
        // It connected before this side knew what it has.
        transfer.have.forEach((piece) => peer.announceHave(piece));
        peer.wake();
      } catch (error) {
        // What it said of its pieces does not fit the torrent.
        peer.close(error as Error);
      }
    }
  }

  stop(reason: Error): void {
    this.#active = false;
    this.#idleTimer?.cancel();
    this.#idleTimer = null;
    for (const attempt of this.#connecting.values()) attempt.abort();
    this.#connecting.clear();
    for (const peer of [...this.peers]) peer.close(reason);
  }

  /** @param infoHash The swarm that they were found in, where a torrent has two. */
  addCandidates(
    endpoints: Iterable<Endpoint>,
    source: PeerSource,
    infoHash: Uint8Array = this.#infoHashes[0]!,
  ): void {
    for (const endpoint of endpoints) this.candidates.add(endpoint, source, infoHash);
    this.connect();
  }

  /** Connects to candidates while there is room. */
  connect(): void {
    while (
      this.#active &&
      this.#connecting.size < MAX_CONNECTING &&
      this.peers.size + this.#connecting.size < this.#services.maxPeersPerTorrent &&
      this.#services.mayConnect()
    ) {
      const candidate = this.candidates.next();
      if (candidate === null) return;
      void this.#dial(candidate.endpoint, candidate.infoHash, candidate.tryOtherEncryption);
    }
  }

  /** Takes in a connection that the other side opened and that named this torrent. */
  accept(opened: OpenedConnection): void {
    const { address } = opened.connection.remote;
    const hasRoom =
      this.peers.size < this.#services.maxPeersPerTorrent && this.#services.mayConnect();
    if (!this.#active || !hasRoom) {
      return opened.connection.close(new PeerError("too-many-peers", "no room for more peers"));
    }
    if (this.#isCrowded(address)) {
      const message = `no room for more peers of ${address}`;
      return opened.connection.close(new PeerError("too-many-peers", message));
    }
    if (this.candidates.isBanned(address)) {
      return opened.connection.close(new PeerError("banned", `${address} is banned`));
    }
    this.#adopt(opened, true);
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    for (const peer of [...this.peers]) peer.tick(nowMs);
    if (nowMs - this.#lastRoundMs >= CHOKE_ROUND_MS) {
      this.#lastRoundMs = nowMs;
      this.#choke();
    }
    this.connect();
  }

  /** Bans an address and closes its connections. */
  ban(address: string, reason: string): void {
    this.candidates.ban(address);
    for (const peer of [...this.peers]) {
      if (peer.remote.address === address) peer.close(new PeerError("banned", reason));
    }
    this.#owner.onPeerBanned(address, reason);
  }

  banPeer(peerId: number, reason: string): void {
    const peer = this.find(peerId);
    if (peer !== undefined) this.ban(peer.remote.address, reason);
  }

  find(peerId: number): Peer | undefined {
    return [...this.peers].find((peer) => peer.id === peerId);
  }

  /**
   * These addresses had part in a bad piece: one alone is guilty, of several each loses trust.
   * @param addresses May repeat.
   */
  blame(addresses: readonly string[], piece: number): void {
    const suspects = new Set(addresses);
    for (const address of suspects) {
      if (suspects.size === 1) this.ban(address, `sent all of piece ${piece}, which is bad`);
      else if (this.candidates.distrust(address)) this.ban(address, "had part in many bad pieces");
    }
  }

  async #dial(endpoint: Endpoint, infoHash: Uint8Array, tryOther: boolean): Promise<void> {
    const key = keyOf(endpoint);
    const attempt = new AbortController();
    this.#connecting.set(key, attempt);
    const { net, clock, random, pool, peerId, encryption, localAddress } = this.#services;
    try {
      const opened = await dialPeer({
        net,
        clock,
        random,
        pool,
        endpoint,
        localAddress,
        infoHash,
        infoHashes: this.#infoHashes,
        peerId,
        flags: this.#flags,
        encryption,
        tryOther,
        signal: attempt.signal,
      });
      this.#connecting.delete(key);
      if (attempt.signal.aborted) {
        opened.connection.close(new PeerError("closed", "stopped"));
        this.candidates.released(endpoint);
      } else {
        this.#adopt(opened, false);
      }
    } catch (error) {
      this.#connecting.delete(key);
      const otherMayWork =
        !(error instanceof NetError) && (encryption === "allow" || encryption === "prefer");
      if (attempt.signal.aborted) this.candidates.released(endpoint);
      else this.candidates.failed(endpoint, otherMayWork);
    }
    this.connect();
  }

  #adopt(opened: OpenedConnection, incoming: boolean): void {
    const { connection, handshake, early } = opened;
    const refuse = this.#refusal(handshake.peerId, incoming);
    if (refuse !== null) {
      connection.close(refuse);
      if (!incoming) this.candidates.disconnected(connection.remote, false);
      return;
    }
    const peer = new Peer(this, connection, handshake, this.#infoHashHex, incoming);
    this.peers.add(peer);
    this.#services.onConnected();
    peer.start(early);
    if (!peer.isClosed) this.#owner.onPeerConnected(peer);
  }

  #isCrowded(address: string): boolean {
    const { maxPeersPerTorrent } = this.#services;
    const most = Math.max(LEAST_OF_ONE_ADDRESS, maxPeersPerTorrent * MOST_OF_ONE_ADDRESS);
    let count = 0;
    for (const peer of this.peers) if (peer.remote.address === address) count++;
    return count >= most;
  }

  #refusal(peerId: Uint8Array, incoming: boolean): PeerError | null {
    const order = Buffer.compare(this.#services.peerId, peerId);
    if (order === 0) {
      return new PeerError("self-connection", "the connection led back to this session");
    }
    for (const peer of this.peers) {
      if (Buffer.compare(peer.peerId, peerId) !== 0) continue;
      const refusal = new PeerError("duplicate-peer", "there is a connection to this peer already");
      // Both dialed at once: both keep what the one with the greater ID opened, or both would lose.
      const isCrossed =
        peer.incoming !== incoming &&
        this.clock.monotonicMs() - peer.connectedAtMs < HANDSHAKE_TIMEOUT_MS;
      if (!isCrossed || order > 0 === incoming) return refusal;
      peer.close(refusal);
    }
    return null;
  }

  /** Runs the choker at the end of this turn: several changes of one moment count once. */
  #soonChoke(): void {
    if (this.#chokeSoon) return;
    this.#chokeSoon = true;
    queueMicrotask(() => {
      this.#chokeSoon = false;
      if (this.#active) this.#choke();
    });
  }

  #choke(): void {
    const { transfer } = this;
    if (transfer === null) return;
    const nowMs = this.clock.monotonicMs();
    const decision = this.#choker.run({
      nowMs,
      isSeeding: transfer.picker.isComplete,
      peers: [...this.peers].map((peer) => ({
        key: peer,
        isInterested: peer.peerInterested,
        isUnchoked: !peer.choking,
        isSnubbing: peer.snubbed,
        connectedForMs: nowMs - peer.connectedAtMs,
        receivedBytes: peer.downloadedBytes,
        sentBytes: peer.uploadedBytes,
      })),
    });
    this.#hasIdleSlot = decision.hasIdleSlot;
    for (const peer of decision.choke) (peer as Peer).choke();
    for (const peer of decision.unchoke) (peer as Peer).unchoke();
  }
}
