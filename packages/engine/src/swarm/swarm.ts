import type { Clock, Endpoint } from "@shoal/runtime";
import type { DhtLink } from "../discovery/dht-link.ts";
import type { OwnPorts } from "../discovery/own-ports.ts";
import { PeerError } from "../errors.ts";
import { createDontHave } from "../extension/dont-have.ts";
import type { PeerExtension } from "../extension/extension.ts";
import type { FlowGate } from "../extension/flow-gate.ts";
import { createUploadOnly } from "../extension/upload-only.ts";
import type { OpenedConnection } from "../peer/dial.ts";
import { Peer } from "../peer/peer.ts";
import type { PeerLimiters, PeerOwner } from "../peer/peer-owner.ts";
import type { BlockSender } from "../torrent/block-sender.ts";
import type { Transfer } from "../torrent/transfer.ts";
import { duplicate, findTwin, makeRoom, isCrowded } from "./admission.ts";
import { type CandidateFacts, Candidates } from "./candidates.ts";
import { Choking } from "./choking.ts";
import { Dialer } from "./dialer.ts";
import { IdlePeers } from "./idle-peers.ts";
import { Introductions } from "./introductions.ts";
import { isPrivateSource, type PeerSource } from "./peer-source.ts";
import { PieceNews } from "./piece-news.ts";
import { SuperSeedingSwitch } from "./super-seeding-switch.ts";
import { Suspects } from "./suspects.ts";
import type { SwarmOwner, SwarmServices } from "./swarm-services.ts";
import { Trust } from "./trust.ts";
import { Turnover } from "./turnover.ts";

/** The peers of one torrent: finds room for them, connects, chokes and lets go. */
export class Swarm implements PeerOwner<Peer> {
  readonly peers = new Set<Peer>();
  readonly candidates: Candidates;
  readonly suspects: Suspects;
  readonly clock: Clock;
  readonly gate: FlowGate;
  readonly ports: OwnPorts;
  readonly extensions: readonly PeerExtension[];
  readonly superSeeding: SuperSeedingSwitch;
  readonly news: PieceNews;
  transfer: Transfer | null = null;
  readonly #services: SwarmServices;
  readonly #owner: SwarmOwner;
  readonly #infoHashes: readonly Uint8Array[];
  readonly #infoHashHex: string;
  readonly #limiters: PeerLimiters;
  readonly #trust: Trust;
  readonly #choking: Choking;
  readonly #dialer: Dialer;
  readonly #introductions: Introductions;
  readonly #turnover: Turnover<Peer>;
  #isPrivate = false;
  #addressChanges = 0;
  #wasUploadOnly = false;
  readonly #idle: IdlePeers;
  #active = false;

  constructor(init: {
    services: SwarmServices;
    owner: SwarmOwner;
    /** 20 bytes each: one, or the two of a hybrid torrent. */
    infoHashes: readonly Uint8Array[];
    limiters: PeerLimiters;
    /** Whether peers are exchanged with peers (BEP 11). */
    peerExchange: boolean;
    /** Whether to super seed, once everything is here (BEP 16). */
    superSeeding: boolean;
  }) {
    const { services, infoHashes, peerExchange } = init;
    const { clock, random } = services;
    this.#services = services;
    this.#trust = new Trust(services.addressFilter);
    this.#owner = init.owner;
    this.#infoHashes = infoHashes;
    this.#infoHashHex = Buffer.from(infoHashes[0]!).toString("hex");
    this.clock = clock;
    this.#idle = new IdlePeers(clock);
    this.news = new PieceNews(clock, this.peers);
    this.gate = services.gate;
    this.ports = services.ports;
    this.#limiters = init.limiters;
    this.candidates = new Candidates(clock, random, (endpoint) => this.priorityOf(endpoint));
    const turning = {
      peers: this.peers,
      places: services.maxPeersPerTorrent,
      waiting: () => this.candidates.waiting,
      isFull: () => !services.mayConnect(),
    };
    this.#turnover = new Turnover(turning, clock.monotonicMs());
    this.superSeeding = new SuperSeedingSwitch(this, random, init.superSeeding);
    const introduced = {
      peers: this.peers,
      ports: this.ports,
      isPrivate: () => this.#isPrivate,
      addNamed: (endpoint: Endpoint, facts: CandidateFacts) =>
        this.#addCandidate(endpoint, "pex", infoHashes[0]!, facts),
      connect: () => this.connect(),
      dialer: () => this.#dialer,
    };
    this.#introductions = new Introductions(introduced, services, peerExchange);
    this.extensions = [
      ...init.owner.extensions,
      ...this.#introductions.extensions,
      createDontHave((view, piece) => (view as Peer).onDontHave(piece)),
      createUploadOnly((view, uploadOnly) => (view as Peer).onUploadOnly(uploadOnly)),
    ];
    this.suspects = new Suspects(this.#trust, this);
    this.#choking = new Choking(this, services);
    this.#dialer = new Dialer({
      services,
      candidates: this.candidates,
      infoHashes,
      hasDht: () => this.dht !== null,
      hasRoom: () => this.#active && this.#hasRoom(this.connecting),
      onOpened: (opened, source) => this.#admit(opened, source),
      onUnreachable: (candidate) => this.#introductions.unreachable(candidate),
    });
  }

  // --- As the owner of its peers ----------------------------------------------------------------

  get metadataBytes(): number | null {
    return this.#owner.metadataBytes();
  }
  limitersFor(endpoint: Endpoint): PeerLimiters {
    return this.#services.limits.forPeer(this.#limiters, endpoint.address);
  }
  get isActive(): boolean {
    return this.#active;
  }
  get connecting(): number {
    return this.#dialer.connecting;
  }
  /** This side wants nothing more, and says so; super seeding keeps silent about it. */
  get uploadOnly(): boolean {
    return this.#isDone && !this.hidesPieces;
  }
  get prefersEncryption(): boolean {
    return ["prefer", "require"].includes(this.#services.encryption);
  }
  get hidesPieces(): boolean {
    return this.superSeeding.isOn;
  }
  get dht(): DhtLink | null {
    return this.#isPrivate ? null : this.#services.dht;
  }

  priorityOf(endpoint: Endpoint): number {
    return this.#services.externalAddress.priorityOf(endpoint, this.ports.outside);
  }

  onReadFailed(error: Error): void {
    this.#owner.onReadFailed(error);
  }

  onPeerInterest(peer: Peer): void {
    this.#choking.interestChanged(peer);
  }

  onPeerTraits(peer: Peer, yourIp?: string): void {
    const { address, port } = peer.remote;
    if (yourIp !== undefined && port !== 0) this.#services.externalAddress.vote(yourIp, address);
    const { listensAt } = peer.traits;
    if (listensAt === null) return;
    if (peer.incoming && !this.#isPrivate) {
      this.candidates.add(listensAt, "incoming", this.#infoHashes[0]!);
    }
    this.candidates.connected(listensAt);
    this.candidates.setUploadOnly(listensAt, peer.uploadOnly);
  }

  onPeerHave(peer: Peer, piece: number): void {
    this.superSeeding.onHave(peer, piece);
  }

  onPeerIdle(peer: Peer): void {
    this.#idle.add(peer);
  }

  onPeerClosed(peer: Peer, error: Error | null): void {
    this.peers.delete(peer);
    this.#idle.delete(peer);
    this.#services.onDisconnected();
    this.superSeeding.remove(peer);
    const listensAt = peer.traits.listensAt ?? peer.remote;
    this.candidates.setUploadOnly(listensAt, peer.uploadOnly);
    const wasUseful = peer.downloadedBytes + peer.uploadedBytes > 0;
    if (this.#active) this.candidates.disconnected(listensAt, wasUseful);
    else this.candidates.released(listensAt);
    this.#owner.onPeerDisconnected(peer, error);
    if (!peer.choking) this.#choking.soon();
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
    this.superSeeding.review();
    for (const peer of [...this.peers]) {
      try {
        peer.begin(transfer);
        // It connected before this side knew what it has.
        if (!this.hidesPieces) peer.telling.announceFound();
        peer.wake();
      } catch (error) {
        // What it said of its pieces does not fit the torrent.
        peer.close(error as Error);
      }
    }
  }

  stop(reason: Error): void {
    this.#active = false;
    this.#idle.clear();
    this.news.stop();
    this.#dialer.stop();
    for (const peer of [...this.peers]) peer.close(reason);
  }

  /** @param infoHash The swarm that they were found in, where a torrent has two. */
  addCandidates(
    endpoints: Iterable<Endpoint>,
    source: PeerSource,
    infoHash: Uint8Array = this.#infoHashes[0]!,
  ): void {
    for (const endpoint of endpoints) this.#addCandidate(endpoint, source, infoHash);
    this.connect();
  }

  /** Connects to candidates while there is room. */
  connect(): void {
    if (this.#active) this.#dialer.connect();
  }

  /** The torrent turns out to be private (BEP 27): peers of other sources than its trackers' and its user's go. */
  becomePrivate(): void {
    this.#isPrivate = true;
    this.candidates.restrictTo(isPrivateSource);
    this.disconnectWhere(
      (peer) => !isPrivateSource(peer.source),
      new PeerError("private", "the torrent is private, and its tracker did not name this peer"),
    );
  }

  /** Lets go of the peers that a tracker named, which is not asked any more (BEP 27). */
  forgetTracker(): void {
    this.candidates.forgetWhere(({ source }) => source === "tracker");
    this.disconnectWhere(
      (peer) => peer.source !== "user",
      new PeerError("private", "a private torrent has changed to another tracker"),
    );
  }

  disconnectWhere(isUnwanted: (peer: Peer) => boolean, reason: PeerError): void {
    for (const peer of [...this.peers]) if (isUnwanted(peer)) peer.close(reason);
  }

  /** Takes in a connection of this torrent. @param source Null when the other side opened it. */
  accept(opened: OpenedConnection, source: PeerSource | null = null): void {
    const { remote } = opened.connection;
    const refuse = (error: PeerError): void => opened.connection.close(error);
    if (!this.#active) return refuse(new PeerError("too-many-peers", "the torrent is stopped"));
    if (isCrowded(remote.address, this.peers, this.#services.maxPeersPerTorrent)) {
      return refuse(new PeerError("too-many-peers", `no room for more of ${remote.address}`));
    }
    this.#admit(opened, source);
  }

  /** Also whom this side has connected to: others may have come in meanwhile. */
  #admit(opened: OpenedConnection, source: PeerSource | null): void {
    const { connection } = opened;
    const { address } = connection.remote;
    if (this.#trust.isBanned(address)) {
      connection.close(new PeerError("banned", `${address} is banned`));
    } else if (
      this.#hasRoom(0) ||
      makeRoom(this.peers, connection, this.priorityOf(connection.remote))
    ) {
      this.#adopt(opened, source);
    }
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    for (const peer of [...this.peers]) peer.tick(nowMs);
    this.news.tick();
    this.#reviewUploadOnly();
    this.superSeeding.tick(nowMs);
    this.#introductions.tick(nowMs);
    this.#turnover.tick(nowMs);
    this.#choking.tick(nowMs);
    const { changes } = this.#services.externalAddress;
    if (changes !== this.#addressChanges) this.candidates.rankAnew();
    this.#addressChanges = changes;
    this.connect();
  }

  /** A piece has come from these: peers are told of it, and it clears who is suspected. */
  announceHave(piece: number, senders: ReadonlySet<BlockSender>): void {
    this.news.add(piece);
    for (const peer of this.peers) if (peer.interested) peer.updateInterest();
    this.suspects.credit([...senders].map((sender) => sender.remote.address));
  }

  /** A piece that was here is gone: peers are told so (BEP 54). */
  announceLost(piece: number): void {
    this.superSeeding.review();
    for (const peer of this.peers) {
      peer.telling.announceLost(piece);
      peer.updateInterest();
    }
    this.#reviewUploadOnly();
  }

  /** Bans an address and closes its connections. */
  ban(address: string, reason: string): void {
    if (this.#trust.isBanned(address)) return;
    this.#trust.ban(address);
    this.candidates.forgetWhere(({ endpoint }) => endpoint.address === address);
    this.disconnectWhere(
      (peer) => peer.remote.address === address,
      new PeerError("banned", reason),
    );
    this.#owner.onPeerBanned(address, reason);
  }

  /** Other addresses are filtered than before: lets go of those that are now. */
  reviewAddresses(): void {
    const { addressFilter } = this.#services;
    this.candidates.forgetWhere(({ endpoint }) => addressFilter.isBlocked(endpoint.address));
    this.disconnectWhere(
      ({ remote }) => addressFilter.isBlocked(remote.address),
      new PeerError("banned", "its address is filtered"),
    );
  }

  banPeer(peerId: number, reason: string): void {
    const peer = this.find(peerId);
    if (peer !== undefined) this.ban(peer.remote.address, reason);
  }

  find(peerId: number): Peer | undefined {
    for (const peer of this.peers) if (peer.id === peerId) return peer;
    return undefined;
  }

  get #isDone(): boolean {
    return this.transfer?.picker.isComplete ?? false;
  }

  /** @param opening Places that connections being opened will take. */
  #hasRoom(opening: number): boolean {
    const taken = this.peers.size + opening;
    return taken < this.#services.maxPeersPerTorrent && this.#services.mayConnect();
  }

  /** @param source Null when the other side opened the connection. */
  #adopt(opened: OpenedConnection, source: PeerSource | null): void {
    const { connection, handshake } = opened;
    const newcomer = { peerId: handshake.peerId, incoming: source === null };
    const nowMs = this.clock.monotonicMs();
    const twin = findTwin(newcomer, this.peers, this.#services.peerId, nowMs);
    if (twin.refusal !== null) {
      connection.close(twin.refusal);
      if (source !== null) this.candidates.disconnected(connection.remote, false);
      return;
    }
    twin.replaced?.close(duplicate());
    const id = this.#services.onConnected();
    const peer = new Peer(this, opened, { id, infoHash: this.#infoHashHex, source });
    this.suspects.greet(peer);
    this.peers.add(peer);
    if (source !== null) this.candidates.connected(connection.remote);
    peer.start(opened.early);
    if (!peer.isClosed) this.#owner.onPeerConnected(peer);
  }

  /** Tells peers when this side begins or ceases to want something (BEP 21). */
  #reviewUploadOnly(): void {
    const { uploadOnly } = this;
    this.candidates.skipUploadOnly = this.#isDone;
    if (uploadOnly === this.#wasUploadOnly) return;
    this.#wasUploadOnly = uploadOnly;
    if (!uploadOnly) this.candidates.wantAgain();
    for (const peer of [...this.peers]) {
      if (peer.telling.tellUploadOnly(uploadOnly)) peer.partIfUseless();
    }
  }

  #addCandidate(...candidate: Parameters<Candidates["add"]>): void {
    if (!this.#trust.isBanned(candidate[0].address)) this.candidates.add(...candidate);
  }
}
