import {
  Bitfield,
  BLOCK_LENGTH_BYTES,
  decodeMessage,
  describeClient,
  encodeAllowedFast,
  encodeBitfield,
  encodeChoke,
  encodeHave,
  encodeHaveAll,
  encodeHaveNone,
  encodeInterested,
  encodeKeepAlive,
  encodeNotInterested,
  encodeReject,
  encodeUnchoke,
  type Handshake,
} from "@shoal/protocol";
import type { Clock, Endpoint, Slab } from "@shoal/runtime";
import type { FlowGate } from "../extension/flow-gate.ts";
import { ExtensionSet } from "../extension/extension-set.ts";
import type { PeerExtension } from "../extension/extension.ts";
import { PeerError } from "../errors.ts";
import { createRateMeter, type RateMeter } from "../rate/rate-meter.ts";
import type { RateLimiter } from "../rate/rate-limiter.ts";
import type { Transfer } from "../torrent/transfer.ts";
import { BlockReceiver } from "./block-receiver.ts";
import type { Connection, ConnectionHandler } from "./connection.ts";
import { EarlyPieces } from "./early-pieces.ts";
import type { PeerView } from "./peer-view.ts";
import { Requester, type RequesterPeer } from "./requester.ts";
import { MAX_QUEUED_REQUESTS, MAX_REQUEST_LENGTH_BYTES, Uploader } from "./uploader.ts";

/** Requests that may come while the peer is choked before it is taken for hostile (libtorrent's bound). */
const MAX_CHOKED_REQUESTS = 300;
const KEEP_ALIVE_MS = 100_000;
const INACTIVE_MS = 130_000;
/** Two peers with nothing to say to each other part after so long. */
const USELESS_MS = 600_000;
const MAX_SUGGESTED = 64;

/** What a peer needs of the torrent around it. */
export interface PeerOwner {
  readonly clock: Clock;
  readonly gate: FlowGate;
  readonly extensions: readonly PeerExtension[];
  readonly uploadLimiter: RateLimiter;
  readonly downloadLimiter: RateLimiter;
  readonly listenPort: number;
  /** Null until the metadata is known and the files are checked. */
  readonly transfer: Transfer | null;
  /** Bytes of the info dictionary; null while it is not known. */
  readonly metadataBytes: number | null;
  onPeerClosed(peer: Peer, error: Error | null): void;
  onReadFailed(error: Error): void;
  onPeerInterest(peer: Peer): void;
}

let lastId = 0;

/**
 * One connected peer of one torrent: the state of both directions and the messages between.
 * Requests are {@link Requester}'s, serving is {@link Uploader}'s.
 */
export class Peer implements PeerView, ConnectionHandler, RequesterPeer {
  readonly id = ++lastId;
  readonly infoHash: string;
  readonly remote: Endpoint;
  readonly peerId: Uint8Array;
  readonly incoming: boolean;
  readonly fast: boolean;
  readonly connectedAtMs: number;
  choking = true;
  interested = false;
  peerChoking = true;
  peerInterested = false;
  /** When this side last let the peer download; `-Infinity` before. */
  unchokedAtMs = -Infinity;
  downloadedBytes = 0;
  uploadedBytes = 0;
  /** Where the peer listens, when it said so. */
  listenPort: number | null = null;

  readonly #owner: PeerOwner;
  readonly #connection: Connection;
  readonly #extensions: ExtensionSet | null;
  readonly #downloadMeter: RateMeter;
  readonly #uploadMeter: RateMeter;
  readonly #early = new EarlyPieces();
  readonly #allowedByPeer = new Set<number>();
  readonly #allowedToPeer = new Set<number>();
  #suggested: Set<number> | undefined;
  #transfer: Transfer | null = null;
  #requester: Requester | null = null;
  #uploader: Uploader | null = null;
  #blocks: BlockReceiver | null = null;
  #have: Bitfield | null = null;
  #client: string;
  #requestQueueLength: number | undefined;
  #current = { piece: 0, block: 0, lengthBytes: 0, wanted: false };
  #chokedRequests = 0;
  #downloadDebt = 0;
  #lastReceivedMs: number;
  #lastSentMs: number;
  #lastUsefulMs: number;
  #closed = false;

  constructor(
    owner: PeerOwner,
    connection: Connection,
    handshake: Handshake,
    infoHash: string,
    incoming: boolean,
  ) {
    this.#owner = owner;
    this.#connection = connection;
    this.infoHash = infoHash;
    this.incoming = incoming;
    this.remote = connection.remote;
    this.peerId = handshake.peerId;
    this.fast = handshake.fast;
    this.#client = describeClient(handshake.peerId);
    const nowMs = owner.clock.monotonicMs();
    this.connectedAtMs = nowMs;
    this.#lastReceivedMs = nowMs;
    this.#lastSentMs = nowMs;
    this.#lastUsefulMs = nowMs;
    this.#downloadMeter = createRateMeter();
    this.#uploadMeter = createRateMeter();
    this.#extensions = handshake.extended
      ? new ExtensionSet(this, owner.extensions, (bytes) => this.send(bytes))
      : null;
  }

  /** Begins the conversation. `early` are bytes that came right behind the handshake. */
  start(early: Uint8Array): void {
    this.#extensions?.sendHandshake({
      listenPort: this.#owner.listenPort,
      metadataBytes: this.#owner.metadataBytes,
      uploadOnly: this.#owner.transfer?.picker.isComplete ?? false,
    });
    const transfer = this.#owner.transfer;
    if (transfer !== null) {
      this.#sendOurPieces(transfer.have);
      this.begin(transfer);
    } else if (this.fast) this.send(encodeHaveNone());
    this.#connection.startMessages(this, early);
  }

  /** The torrent is ready to move data: from here on pieces are known. */
  begin(transfer: Transfer): void {
    if (this.#transfer !== null || this.#closed) return;
    this.#transfer = transfer;
    this.#have = this.#early.applyTo(transfer.geometry.pieceCount);
    this.#blocks = new BlockReceiver(transfer.pool);
    transfer.picker.addPeer(this, this.#have.isFull ? "all" : this.#have);
    this.#requester = new Requester(this, transfer.picker, transfer.geometry);
    if (this.#requestQueueLength !== undefined) {
      this.#requester.window.setMost(this.#requestQueueLength);
    }
    this.#uploader = this.#createUploader(transfer);
    this.#allowFast(transfer);
    this.updateInterest();
  }

  // --- PeerView ---------------------------------------------------------------------------------

  get client(): string {
    return this.#client;
  }
  get encrypted(): boolean {
    return this.#connection.isEncrypted;
  }
  get snubbed(): boolean {
    return this.#requester?.isSnubbed ?? false;
  }
  get progress(): number {
    return this.#have === null || this.#have.length === 0
      ? 0
      : this.#have.count / this.#have.length;
  }
  get downloadRate(): number {
    return this.#downloadMeter.bytesPerSecond(this.#owner.clock.monotonicMs());
  }
  get uploadRate(): number {
    return this.#uploadMeter.bytesPerSecond(this.#owner.clock.monotonicMs());
  }
  get requestsSent(): number {
    return this.#requester?.outstanding ?? 0;
  }
  get requestsQueued(): number {
    return this.#uploader?.queued ?? 0;
  }
  get isSeed(): boolean {
    return this.#have?.isFull ?? false;
  }
  get isClosed(): boolean {
    return this.#closed;
  }
  /** What the peer has, once this side knows how many pieces there are. */
  get have(): Bitfield | null {
    return this.#have;
  }

  // --- Requests to the peer ---------------------------------------------------------------------

  get requestable(): "all" | "none" | ReadonlySet<number> {
    if (!this.interested || this.#closed) return "none";
    if (!this.peerChoking) return "all";
    return this.#allowedByPeer.size > 0 ? this.#allowedByPeer : "none";
  }
  get suggested(): ReadonlySet<number> | undefined {
    return this.#suggested;
  }
  downloadCredit(): number {
    return this.#owner.gate.downloadCredit(this) - (this.#requester?.outstandingBytes ?? 0);
  }
  expectPayload(expected: boolean): void {
    this.#connection.receiver.expectPayload(expected || this.#current.wanted);
  }

  /** Sends requests when there is room for some. */
  fill(): void {
    if (!this.#closed) this.#requester?.fill(this.#owner.clock.monotonicMs());
  }

  /** Another peer delivered this block. */
  cancelRequest(piece: number, block: number): void {
    this.#requester?.cancel(piece, block);
  }

  /** Tells the peer of a piece of ours, unless it has it. */
  announceHave(piece: number): void {
    if (this.#have?.has(piece) !== true) this.send(encodeHave(piece));
  }

  updateInterest(): void {
    const transfer = this.#transfer;
    if (transfer === null || this.#closed) return;
    const interested = transfer.picker.isInteresting(this);
    if (interested === this.interested) return;
    this.interested = interested;
    this.send(interested ? encodeInterested() : encodeNotInterested());
  }

  // --- Serving the peer -------------------------------------------------------------------------

  unchoke(): void {
    if (!this.choking || this.#closed) return;
    this.choking = false;
    this.#chokedRequests = 0;
    this.unchokedAtMs = this.#owner.clock.monotonicMs();
    this.send(encodeUnchoke());
    this.#uploader?.open();
  }

  choke(): void {
    if (this.choking || this.#closed) return;
    this.choking = true;
    this.send(encodeChoke());
    this.#uploader?.shut(this.#allowedToPeer);
  }

  /** Tries again to send: the peer's credit has grown. */
  wake(): void {
    this.#uploader?.pump();
    this.fill();
  }

  // --- Messages ---------------------------------------------------------------------------------

  onKeepAlive(): void {}

  onHave(piece: number): void {
    if (this.#have === null) {
      this.#early.addHave(piece);
      return;
    }
    if (piece >= this.#have.length) throw protocolError(`there is no piece ${piece}`);
    if (!this.#have.set(piece)) return;
    this.#transfer!.picker.peerHas(this, piece);
    if (!this.interested) this.updateInterest();
  }

  onRequest(piece: number, begin: number, lengthBytes: number): void {
    const transfer = this.#transfer;
    if (transfer === null || this.#uploader === null)
      return this.#reject(piece, begin, lengthBytes);
    const { geometry } = transfer;
    if (
      piece >= geometry.pieceCount ||
      lengthBytes === 0 ||
      lengthBytes > MAX_REQUEST_LENGTH_BYTES ||
      begin + lengthBytes > geometry.spaceOf(piece)
    ) {
      throw protocolError(`a request for ${lengthBytes} bytes at ${begin} of piece ${piece}`);
    }
    if (!transfer.have.has(piece)) return this.#reject(piece, begin, lengthBytes);
    if (this.choking && !this.#allowedToPeer.has(piece)) {
      if (++this.#chokedRequests > MAX_CHOKED_REQUESTS) {
        throw protocolError(`${MAX_CHOKED_REQUESTS} requests while choked`);
      }
      return this.#reject(piece, begin, lengthBytes);
    }
    if (this.#uploader.queued >= MAX_QUEUED_REQUESTS)
      return this.#reject(piece, begin, lengthBytes);
    this.#uploader.enqueue(piece, begin, lengthBytes);
  }

  onCancel(piece: number, begin: number, lengthBytes: number): void {
    this.#uploader?.cancel(piece, begin, lengthBytes);
  }

  onReject(piece: number, begin: number, _lengthBytes: number): void {
    this.#requester?.rejected(piece, begin / BLOCK_LENGTH_BYTES);
    if (this.peerChoking) this.#allowedByPeer.delete(piece);
  }

  onBlockStart(piece: number, begin: number, lengthBytes: number): void {
    const transfer = this.#transfer;
    if (transfer === null) throw protocolError("a block before anything was asked for");
    const block = begin / BLOCK_LENGTH_BYTES;
    const { geometry } = transfer;
    const exists = piece < geometry.pieceCount && begin < geometry.payloadOf(piece);
    if (!exists || !Number.isInteger(block) || lengthBytes !== geometry.blockLength(piece, block)) {
      throw protocolError(`a block of ${lengthBytes} bytes at ${begin} of piece ${piece}`);
    }
    this.#current = { piece, block, lengthBytes, wanted: transfer.wantsBlock(this, piece, block) };
  }

  onBlockBytes(bytes: Uint8Array, from: number, lengthBytes: number, slab: Slab | null): void {
    if (this.#current.wanted) this.#blocks!.add(bytes, from, lengthBytes, slab);
  }

  onBlockEnd(): void {
    const { piece, block, lengthBytes, wanted } = this.#current;
    const transfer = this.#transfer!;
    const nowMs = this.#owner.clock.monotonicMs();
    this.#lastUsefulMs = nowMs;
    this.downloadedBytes += lengthBytes;
    this.#requester!.received(piece, block, lengthBytes, nowMs);
    this.#current.wanted = false;
    this.#owner.gate.blockReceived?.(this, piece, block * BLOCK_LENGTH_BYTES, lengthBytes);
    if (wanted) transfer.onBlock(this, piece, block, this.#blocks!.take());
    else transfer.onWaste(lengthBytes);
    if (this.#requester!.outstanding === 0) this.expectPayload(false);
  }

  onMessage(id: number, payload: Uint8Array): void {
    const message = decodeMessage(id, payload);
    switch (message.type) {
      case "choke":
        this.peerChoking = true;
        // With the fast extension every request is still answered, by its block or a reject.
        if (!this.fast) this.#requester?.abortAll();
        return;
      case "unchoke":
        this.peerChoking = false;
        return;
      case "interested":
        this.peerInterested = true;
        return this.#owner.onPeerInterest(this);
      case "notInterested":
        this.peerInterested = false;
        return this.#owner.onPeerInterest(this);
      case "bitfield":
        return this.#receivePieces(message.bytes);
      case "haveAll":
        return this.#receivePieces("all");
      case "haveNone":
        return this.#receivePieces("none");
      case "suggest":
        this.#suggested ??= new Set();
        if (this.#suggested.size < MAX_SUGGESTED) this.#suggested.add(message.piece);
        return;
      case "allowedFast":
        if (this.#allowedByPeer.size < MAX_SUGGESTED) this.#allowedByPeer.add(message.piece);
        return;
      case "extended":
        return this.#receiveExtended(message.id, message.payload);
      case "hashRequest":
        return this.#transfer?.hashes?.onRequest(this, message);
      case "hashes":
        return this.#transfer?.hashes?.onHashes(this, message, message.hashes);
      case "hashReject":
        return this.#transfer?.hashes?.onReject(this, message);
      default:
    }
  }

  onReadEnd(lengthBytes: number, payloadBytes: number): void {
    const nowMs = this.#owner.clock.monotonicMs();
    this.#lastReceivedMs = nowMs;
    if (payloadBytes > 0) {
      this.#downloadMeter.add(payloadBytes, nowMs);
      this.#transfer!.onReceived(payloadBytes, lengthBytes, nowMs);
      this.#limitDownload(payloadBytes);
    }
    this.#requester?.fill(nowMs);
    this.#uploader?.pump();
  }

  // --- Life -------------------------------------------------------------------------------------

  send(bytes: Uint8Array): void {
    this.#lastSentMs = this.#owner.clock.monotonicMs();
    this.#connection.send(bytes);
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    if (this.#closed) return;
    if (nowMs - this.#lastReceivedMs > INACTIVE_MS) {
      return this.close(new PeerError("inactive", "the peer sent nothing for two minutes"));
    }
    const idle = !this.interested && !this.peerInterested;
    if (idle && nowMs - this.#lastUsefulMs > USELESS_MS) {
      return this.close(new PeerError("not-useful", "neither side wants anything of the other"));
    }
    if (nowMs - this.#lastSentMs > KEEP_ALIVE_MS) this.send(encodeKeepAlive());
    this.#requester?.checkSnub(nowMs);
    this.#requester?.fill(nowMs);
  }

  close(error: Error | null): void {
    this.#connection.close(error);
  }

  onClosed(error: Error | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#blocks?.clear();
    this.#requester?.abortAll();
    this.#uploader?.shut();
    if (this.#transfer !== null) {
      this.#transfer.hashes?.removePeer(this);
      this.#transfer.picker.removePeer(this);
    }
    this.#extensions?.close();
    this.#owner.onPeerClosed(this, error);
  }

  #sendOurPieces(have: Bitfield): void {
    if (this.fast && have.isFull) this.send(encodeHaveAll());
    else if (this.fast && have.isEmpty) this.send(encodeHaveNone());
    else if (!have.isEmpty) this.send(encodeBitfield(have.bytes));
  }

  #receivePieces(pieces: Uint8Array | "all" | "none"): void {
    if (this.#transfer === null) {
      this.#early.set(pieces);
      return;
    }
    const { pieceCount } = this.#transfer.geometry;
    const have =
      pieces instanceof Uint8Array
        ? Bitfield.fromBytes(pieces, pieceCount)
        : new Bitfield(pieceCount);
    if (pieces === "all") have.setAll();
    this.#have = have;
    this.#transfer.picker.removePeer(this);
    this.#transfer.picker.addPeer(this, have.isFull ? "all" : have);
    this.updateInterest();
    if (have.isFull && this.#transfer.have.isFull) {
      this.close(new PeerError("not-useful", "both sides have everything"));
    }
  }

  #receiveExtended(id: number, payload: Uint8Array): void {
    if (this.#extensions === null)
      throw protocolError("an extended message without the handshake bit");
    const handshake = this.#extensions.onMessage(id, payload);
    if (handshake === null) return;
    if (handshake.client !== undefined) this.#client = handshake.client;
    if (handshake.listenPort !== undefined) this.listenPort = handshake.listenPort;
    if (handshake.requestQueueLength === undefined) return;
    this.#requestQueueLength = handshake.requestQueueLength;
    this.#requester?.window.setMost(handshake.requestQueueLength);
  }

  #reject(piece: number, begin: number, lengthBytes: number): void {
    if (this.fast) this.send(encodeReject(piece, begin, lengthBytes));
  }

  /** Bytes beyond the rate limits are a debt: reading stops until it is paid. */
  #limitDownload(payloadBytes: number): void {
    const limiter = this.#owner.downloadLimiter;
    const wasInDebt = this.#downloadDebt > 0;
    this.#downloadDebt += payloadBytes - limiter.take(payloadBytes);
    if (this.#downloadDebt <= 0 || wasInDebt) return;
    this.#connection.receiver.hold();
    this.#payDebt();
  }

  #payDebt(): void {
    const limiter = this.#owner.downloadLimiter;
    this.#downloadDebt -= limiter.take(this.#downloadDebt);
    if (this.#downloadDebt > 0 && !this.#closed) limiter.waitForMore(() => this.#payDebt());
    else this.#connection.receiver.unhold();
  }

  /** A new peer may have a few pieces while it is choked, to have something to trade (BEP 6). */
  #allowFast(transfer: Transfer): void {
    if (!this.fast) return;
    for (const piece of transfer.allowedFastFor(this)) {
      this.#allowedToPeer.add(piece);
      this.send(encodeAllowedFast(piece));
    }
  }

  #createUploader(transfer: Transfer): Uploader {
    const owner = this.#owner;
    const uploader = new Uploader({
      storage: transfer.storage,
      pool: transfer.pool,
      clock: owner.clock,
      limiter: owner.uploadLimiter,
      fast: this.fast,
      pieceLengthBytes: transfer.geometry.pieceLengthBytes,
      uploadCredit: () => owner.gate.uploadCredit(this),
      send: (bytes) => this.send(bytes),
      sendPayload: (bytes, sent) => this.#connection.sendPayload(bytes, sent),
      onBlockSent: (piece, begin, lengthBytes) => {
        const nowMs = owner.clock.monotonicMs();
        this.#lastSentMs = nowMs;
        this.#lastUsefulMs = nowMs;
        this.uploadedBytes += lengthBytes;
        this.#uploadMeter.add(lengthBytes, nowMs);
        transfer.onSent(lengthBytes, nowMs);
        owner.gate.blockSent?.(this, piece, begin, lengthBytes);
      },
      onReadFailed: (error) => owner.onReadFailed(error),
    });
    if (!this.choking || this.#allowedToPeer.size > 0) uploader.open();
    return uploader;
  }
}

function protocolError(what: string): PeerError {
  return new PeerError("protocol", `the peer broke the protocol: ${what}`);
}
