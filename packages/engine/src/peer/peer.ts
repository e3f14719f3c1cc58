import {
  type Bitfield,
  BLOCK_LENGTH_BYTES,
  decodeMessage,
  describeClient,
  encodeBitfield,
  encodeHave,
  encodeHaveAll,
  encodeHaveNone,
  encodeKeepAlive,
  encodeReject,
  type Handshake,
} from "@shoal/protocol";
import type { Endpoint, Slab } from "@shoal/runtime";
import { PeerError, protocolError } from "../errors.ts";
import { ExtensionSet } from "../extension/extension-set.ts";
import { createRateMeter } from "../rate/rate-meter.ts";
import type { Transfer } from "../torrent/transfer.ts";
import { Asking, type AskingPeer } from "./asking.ts";
import { BlockIntake } from "./block-intake.ts";
import type { Connection, ConnectionHandler } from "./connection.ts";
import { DownloadDebt } from "./download-debt.ts";
import { EarlyPieces } from "./early-pieces.ts";
import { Liveness } from "./liveness.ts";
import type { PeerOwner } from "./peer-owner.ts";
import type { PeerView } from "./peer-view.ts";
import { Serving } from "./serving.ts";

let lastId = 0;

/**
 * One connected peer of one torrent: the state of both directions and the messages between.
 * What this side asks is {@link Asking}'s part, what it answers {@link Serving}'s.
 */
export class Peer implements PeerView, ConnectionHandler, AskingPeer {
  readonly id = ++lastId;
  readonly infoHash: string;
  readonly remote: Endpoint;
  readonly peerId: Uint8Array;
  readonly incoming: boolean;
  readonly fast: boolean;
  readonly connectedAtMs: number;
  peerChoking = true;
  peerInterested = false;
  downloadedBytes = 0;
  uploadedBytes = 0;

  readonly #owner: PeerOwner;
  readonly #connection: Connection;
  readonly #extensions: ExtensionSet | null;
  readonly #downloadMeter = createRateMeter();
  readonly #uploadMeter = createRateMeter();
  readonly #debt: DownloadDebt;
  readonly #early = new EarlyPieces();
  /** These four are there together, once the torrent can move data. */
  #transfer: Transfer | null = null;
  #asking: Asking | null = null;
  #serving: Serving | null = null;
  #intake: BlockIntake | null = null;
  #client: string;
  #requestQueueLength: number | undefined;
  readonly #liveness: Liveness;
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
    this.#debt = new DownloadDebt(owner.downloadLimiter, connection.receiver);
    this.connectedAtMs = owner.clock.monotonicMs();
    this.#liveness = new Liveness(this.connectedAtMs);
    this.#extensions = handshake.extended
      ? new ExtensionSet(this, owner.extensions, (bytes) => this.send(bytes))
      : null;
  }

  /** Begins the conversation. `early` are bytes that came right behind the handshake. */
  start(early: Uint8Array): void {
    const { transfer, listenPort, metadataBytes } = this.#owner;
    const uploadOnly = transfer?.picker.isComplete ?? false;
    this.#extensions?.sendHandshake({ listenPort, metadataBytes, uploadOnly });
    if (transfer !== null) {
      this.#sendOurPieces(transfer.have);
      this.begin(transfer);
    } else if (this.fast) {
      this.send(encodeHaveNone());
    }
    this.#connection.startMessages(this, early);
  }

  /**
   * The torrent is ready to move data: from here on pieces are known.
   * @throws {PeerWireError} when what the peer said of its pieces before does not fit.
   */
  begin(transfer: Transfer): void {
    if (this.#transfer !== null || this.#closed) return;
    const have = this.#early.applyTo(transfer.geometry.pieceCount);
    this.#transfer = transfer;
    this.#intake = new BlockIntake(transfer);
    this.#asking = new Asking(transfer, this, have, this.peerChoking);
    if (this.#requestQueueLength !== undefined) {
      this.#asking.setRequestQueueLength(this.#requestQueueLength);
    }
    this.#serving = this.#createServing(transfer);
    this.#serving.allow(transfer.allowedFastFor(this));
  }

  get client(): string {
    return this.#client;
  }
  get encrypted(): boolean {
    return this.#connection.isEncrypted;
  }
  get choking(): boolean {
    return this.#serving?.choking ?? true;
  }
  get interested(): boolean {
    return this.#asking?.interested ?? false;
  }
  get snubbed(): boolean {
    return this.#asking?.isSnubbed ?? false;
  }
  get progress(): number {
    const have = this.have;
    return have === null || have.length === 0 ? 0 : have.count / have.length;
  }
  get downloadRate(): number {
    return this.#downloadMeter.bytesPerSecond(this.#owner.clock.monotonicMs());
  }
  get uploadRate(): number {
    return this.#uploadMeter.bytesPerSecond(this.#owner.clock.monotonicMs());
  }
  get requestsSent(): number {
    return this.#asking?.outstanding ?? 0;
  }
  get requestsQueued(): number {
    return this.#serving?.queued ?? 0;
  }
  get isSeed(): boolean {
    return this.have?.isFull ?? false;
  }
  get isClosed(): boolean {
    return this.#closed;
  }
  /** What the peer has; null while the number of pieces is not known. */
  get have(): Bitfield | null {
    return this.#asking?.have ?? null;
  }

  downloadCredit(): number {
    return this.#owner.gate.downloadCredit(this);
  }
  onIdle(): void {
    this.#owner.onPeerIdle();
  }
  expectPayload(expected: boolean): void {
    this.#connection.receiver.expectPayload(expected || this.#intake?.isWanted === true);
  }

  /** Whether an idle peer might be asked for the last blocks that this one was asked for. */
  isLate(nowMs: number, otherMs: number): boolean {
    return this.#asking?.isLate(nowMs, otherMs) ?? true;
  }

  get blockMs(): number {
    return this.#asking?.blockMs ?? Infinity;
  }

  /** Another peer delivered this block. */
  cancelRequest(piece: number, block: number): void {
    this.#asking?.cancel(piece, block);
  }

  /** Tells the peer of a piece of ours, unless it has it. */
  announceHave(piece: number): void {
    if (this.have?.has(piece) !== true) this.send(encodeHave(piece));
  }

  updateInterest(): void {
    if (!this.#closed) this.#asking?.updateInterest();
  }

  unchoke(): void {
    if (!this.#closed) this.#serving?.unchoke();
  }
  choke(): void {
    if (!this.#closed) this.#serving?.choke();
  }

  /** Tries again both ways: the peer's credit has grown, or the torrent is ready. */
  wake(): void {
    if (this.#closed) return;
    this.#serving?.pump();
    this.#asking?.fill(this.#owner.clock.monotonicMs());
  }

  /** Reads on although memory is short. */
  nudge(): void {
    this.#connection.receiver.nudge();
  }

  onKeepAlive(): void {}

  onHave(piece: number): void {
    if (this.#asking !== null) this.#asking.addPiece(piece);
    else this.#early.addHave(piece);
  }

  onRequest(piece: number, begin: number, lengthBytes: number): void {
    if (this.#serving !== null) this.#serving.request(piece, begin, lengthBytes);
    else if (this.fast) this.send(encodeReject(piece, begin, lengthBytes));
  }

  onCancel(piece: number, begin: number, lengthBytes: number): void {
    this.#serving?.cancel(piece, begin, lengthBytes);
  }

  onReject(piece: number, begin: number, _lengthBytes: number): void {
    this.#asking?.rejected(piece, begin);
  }

  onBlockStart(piece: number, begin: number, lengthBytes: number): void {
    if (this.#intake === null) throw protocolError("a block before anything was asked for");
    this.#intake.start(this, piece, begin, lengthBytes);
  }

  onBlockBytes(bytes: Uint8Array, from: number, lengthBytes: number, slab: Slab | null): void {
    this.#intake!.add(bytes, from, lengthBytes, slab);
  }

  onBlockEnd(): void {
    const [intake, asking] = [this.#intake!, this.#asking!];
    const { piece, block, lengthBytes } = intake;
    const nowMs = this.#owner.clock.monotonicMs();
    const wasWanted = intake.end();
    const isAwaited = asking.received(piece, block, lengthBytes, nowMs);
    // Blocks that nobody asked for are no merit: else junk would buy upload.
    if (isAwaited || wasWanted) {
      this.#liveness.useful(nowMs);
      this.downloadedBytes += lengthBytes;
    }
    this.#owner.gate.blockReceived?.(this, piece, block * BLOCK_LENGTH_BYTES, lengthBytes);
    intake.deliver(this, wasWanted);
    if (asking.outstanding === 0) this.expectPayload(false);
  }

  onMessage(id: number, payload: Uint8Array): void {
    const message = decodeMessage(id, payload);
    switch (message.type) {
      case "choke":
      case "unchoke":
        this.peerChoking = message.type === "choke";
        return this.#asking?.setChoked(this.peerChoking);
      case "interested":
      case "notInterested":
        this.peerInterested = message.type === "interested";
        return this.#owner.onPeerInterest(this);
      case "bitfield":
        return this.#receivePieces(message.bytes);
      case "haveAll":
        return this.#receivePieces("all");
      case "haveNone":
        return this.#receivePieces("none");
      case "suggest":
        return this.#asking?.suggest(message.piece);
      case "allowedFast":
        return this.#asking?.allow(message.piece);
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

  onReadEnd(payloadBytes: number): void {
    const nowMs = this.#owner.clock.monotonicMs();
    this.#liveness.received(nowMs);
    if (payloadBytes > 0) {
      this.#downloadMeter.add(payloadBytes, nowMs);
      this.#transfer!.onReceived(payloadBytes, nowMs);
      this.#debt.add(payloadBytes);
    }
    this.#asking?.fill(nowMs);
    this.#serving?.pump();
  }

  send(bytes: Uint8Array): void {
    this.#liveness.sent(this.#owner.clock.monotonicMs());
    this.#connection.send(bytes);
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    if (this.#closed) return;
    const verdict = this.#liveness.verdict(nowMs, !this.interested && !this.peerInterested);
    if (verdict !== null) return this.close(verdict);
    if (this.#liveness.needsKeepAlive(nowMs)) this.send(encodeKeepAlive());
    this.#asking?.tick(nowMs);
    this.#serving?.pump();
  }

  close(error: Error | null): void {
    this.#connection.close(error);
  }

  onClosed(error: Error | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#debt.close();
    this.#intake?.clear();
    this.#asking?.close();
    this.#serving?.close();
    this.#transfer?.hashes?.removePeer(this);
    this.#extensions?.close();
    this.#owner.onPeerClosed(this, error);
  }

  #sendOurPieces(have: Bitfield): void {
    if (this.fast && have.isFull) this.send(encodeHaveAll());
    else if (this.fast && have.isEmpty) this.send(encodeHaveNone());
    else if (!have.isEmpty) this.send(encodeBitfield(have.bytes));
  }

  #receivePieces(pieces: Uint8Array | "all" | "none"): void {
    const transfer = this.#transfer;
    this.#early.set(pieces);
    if (transfer === null) return;
    const have = this.#early.applyTo(transfer.geometry.pieceCount);
    this.#asking!.setPieces(have);
    if (have.isFull && transfer.have.isFull) {
      this.close(new PeerError("not-useful", "both sides have everything"));
    }
  }

  #receiveExtended(id: number, payload: Uint8Array): void {
    if (this.#extensions === null) {
      throw protocolError("an extended message without the handshake's bit for it");
    }
    const handshake = this.#extensions.onMessage(id, payload);
    if (handshake === null) return;
    if (handshake.client !== undefined) this.#client = handshake.client;
    if (handshake.requestQueueLength === undefined) return;
    this.#requestQueueLength = handshake.requestQueueLength;
    this.#asking?.setRequestQueueLength(handshake.requestQueueLength);
  }

  #createServing(transfer: Transfer): Serving {
    const owner = this.#owner;
    return new Serving(transfer, this, {
      storage: transfer.storage,
      pool: transfer.pool,
      clock: owner.clock,
      limiter: owner.uploadLimiter,
      fast: this.fast,
      pieceLengthBytes: transfer.geometry.pieceLengthBytes,
      uploadCredit: () => owner.gate.uploadCredit(this),
      send: (bytes) => this.send(bytes),
      sendPayload: (bytes, sent) => this.#connection.sendPayload(bytes, sent),
      onBlockSent: (piece, begin, lengthBytes) => this.#sentBlock(piece, begin, lengthBytes),
      onReadFailed: (error) => owner.onReadFailed(error),
    });
  }

  #sentBlock(piece: number, begin: number, lengthBytes: number): void {
    // Read from disk for a peer that has left in the meantime: it got nothing.
    if (this.#closed) return;
    const nowMs = this.#owner.clock.monotonicMs();
    this.#liveness.sent(nowMs);
    this.#liveness.useful(nowMs);
    this.uploadedBytes += lengthBytes;
    this.#uploadMeter.add(lengthBytes, nowMs);
    this.#transfer!.onSent(lengthBytes, nowMs);
    this.#owner.gate.blockSent?.(this, piece, begin, lengthBytes);
  }
}
