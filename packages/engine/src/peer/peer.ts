import {
  type Bitfield,
  BLOCK_LENGTH_BYTES,
  decodeMessage,
  encodeKeepAlive,
  encodeReject,
} from "@shoal/protocol";
import type { Endpoint, Slab } from "@shoal/runtime";
import { protocolError } from "../errors.ts";
import { ExtensionSet } from "../extension/extension-set.ts";
import { createRateMeter } from "../rate/rate-meter.ts";
import type { Transfer } from "../torrent/transfer.ts";
import { Asking, type AskingPeer } from "./asking.ts";
import { BlockIntake } from "./block-intake.ts";
import type { Connection, ConnectionHandler } from "./connection.ts";
import type { OpenedConnection } from "./dial.ts";
import { DownloadDebt } from "./download-debt.ts";
import { EarlyPieces } from "./early-pieces.ts";
import { Liveness } from "./liveness.ts";
import type { PeerOwner } from "./peer-owner.ts";
import { PeerTraits } from "./peer-traits.ts";
import type { PeerView } from "./peer-view.ts";
import { Serving } from "./serving.ts";
import { Telling } from "./telling.ts";
import { whyUseless } from "./usefulness.ts";
import type { PeerSource } from "../swarm/peer-source.ts";

/**
 * One connected peer of one torrent: the state of both directions and the messages between.
 * What this side asks is {@link Asking}'s part, what it answers {@link Serving}'s.
 */
export class Peer implements PeerView, ConnectionHandler, AskingPeer {
  readonly id: number;
  readonly infoHash: string;
  readonly remote: Endpoint;
  readonly peerId: Uint8Array;
  readonly incoming: boolean;
  readonly source: PeerSource;
  readonly traits: PeerTraits;
  readonly telling: Telling;
  readonly fast: boolean;
  readonly connectedAtMs: number;
  peerChoking = true;
  peerInterested = false;
  onParole = false;
  downloadedBytes = 0;
  uploadedBytes = 0;

  readonly #owner: PeerOwner<Peer>;
  readonly #connection: Connection;
  readonly #extensions: ExtensionSet | null;
  readonly #downloadMeter = createRateMeter();
  readonly #uploadMeter = createRateMeter();
  readonly #debt: DownloadDebt;
  readonly #early = new EarlyPieces();
  #transfer: Transfer | null = null;
  #asking: Asking | null = null;
  #serving: Serving | null = null;
  #intake: BlockIntake | null = null;
  readonly #liveness: Liveness;
  #closed = false;

  /** @param init.source Null when the other side opened the connection. */
  constructor(
    owner: PeerOwner<Peer>,
    { connection, handshake }: OpenedConnection,
    init: Pick<PeerView, "id" | "infoHash"> & { readonly source: PeerSource | null },
  ) {
    this.id = init.id;
    this.#owner = owner;
    this.#connection = connection;
    this.infoHash = init.infoHash;
    this.incoming = init.source === null;
    this.source = init.source ?? "incoming";
    this.remote = connection.remote;
    this.peerId = handshake.peerId;
    this.fast = handshake.fast;
    this.traits = new PeerTraits(handshake.peerId, connection, this.incoming);
    this.#debt = new DownloadDebt(owner.limitersFor(this.remote).download, connection.receiver);
    this.connectedAtMs = owner.clock.monotonicMs();
    this.#liveness = new Liveness(this.connectedAtMs);
    this.#extensions = handshake.extended
      ? new ExtensionSet(this, owner.extensions, (bytes) => this.send(bytes))
      : null;
    this.telling = new Telling(this, this.#extensions, handshake.dht);
  }

  /** Begins the conversation. `early` are bytes that came right behind the handshake. */
  start(early: Uint8Array): void {
    const { transfer, hidesPieces } = this.#owner;
    this.telling.start(this.#owner, hidesPieces ? null : (transfer?.have ?? null));
    if (transfer !== null) this.begin(transfer);
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
    this.#asking.setRequestQueueLength(this.traits.requestQueueLength);
    this.#serving = new Serving(transfer, this, {
      clock: this.#owner.clock,
      limiter: this.#owner.limitersFor(this.remote).upload,
      fast: this.fast,
      gate: this.#owner.gate,
      send: (bytes) => this.send(bytes),
      sendPayload: (bytes, sent) => this.#connection.sendPayload(bytes, sent),
      onBlockSent: (piece, begin, lengthBytes) => this.#sentBlock(piece, begin, lengthBytes),
      onReadFailed: (error) => this.#owner.onReadFailed(error),
    });
    this.telling.begin(transfer.have, this.#owner.news, this.#serving);
    if (this.#owner.hidesPieces) this.#serving.hideAll();
    else this.#serving.feed();
  }

  get client(): string {
    return this.traits.client;
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
  get uploadOnly(): boolean {
    return this.traits.uploadOnly || this.isSeed;
  }
  /** Canonical peer priority (BEP 40). */
  get priority(): number {
    return this.#owner.priorityOf(this.traits.listensAt ?? this.remote);
  }
  get isClosed(): boolean {
    return this.#closed;
  }
  get isBusy(): boolean {
    return this.#extensions?.isBusy === true;
  }
  get have(): Bitfield | null {
    return this.#asking?.have ?? null;
  }

  downloadCredit(): number {
    return this.#owner.gate.downloadCredit(this);
  }
  onIdle(): void {
    this.#owner.onPeerIdle(this);
  }
  expectPayload(expected: boolean): void {
    this.#connection.receiver.expectPayload(expected || this.#intake?.isWanted === true);
  }
  isLate(nowMs: number, otherMs: number): boolean {
    return this.#asking?.isLate(nowMs, otherMs) ?? true;
  }
  get blockMs(): number {
    return this.#asking?.blockMs ?? Infinity;
  }

  cancelRequest(piece: number, block: number): void {
    this.#asking?.cancel(piece, block);
  }

  tellNews(): void {
    if (this.telling.hasNews) this.#connection.send(this.telling.takeNews());
  }

  updateInterest(): void {
    if (this.#closed) return;
    this.#asking?.updateInterest();
    this.partIfUseless();
  }

  /** The peer said whether it wants anything more (BEP 21). */
  onUploadOnly(uploadOnly: boolean): void {
    this.traits.uploadOnly = uploadOnly;
    this.#owner.onPeerTraits(this);
    this.partIfUseless();
  }

  /**
   * The peer lost a piece (BEP 54).
   * @throws {PeerError} `protocol` when there is no such piece.
   */
  onDontHave(piece: number): void {
    (this.#asking ?? this.#early).removePiece(piece);
  }

  unchoke(): void {
    if (!this.#closed) this.#serving?.unchoke();
  }
  choke(): void {
    if (!this.#closed) this.#serving?.choke();
  }

  wake(): void {
    if (this.#closed) return;
    this.#serving?.pump();
    this.#asking?.fill(this.#owner.clock.monotonicMs());
  }

  nudge(): void {
    this.#connection.receiver.nudge();
  }

  onKeepAlive(): void {}

  onHave(piece: number): void {
    if (this.#asking === null) return this.#early.addHave(piece);
    this.#asking.addPiece(piece);
    this.#owner.onPeerHave(this, piece);
  }

  onRequest(piece: number, begin: number, lengthBytes: number): void {
    if (this.#serving !== null) this.#serving.request(piece, begin, lengthBytes);
    else if (this.fast) this.send(encodeReject(piece, begin, lengthBytes));
  }

  onCancel(piece: number, begin: number, lengthBytes: number): void {
    this.#serving?.cancel(piece, begin, lengthBytes);
  }

  onReject(piece: number, begin: number, _lengthBytes: number): void {
    this.#asking?.rejected(piece, begin, this.#owner.clock.monotonicMs());
  }

  onBlockStart(piece: number, begin: number, lengthBytes: number): void {
    if (this.#intake === null) throw protocolError("a block before anything was asked for");
    this.#intake.start(this, piece, begin, lengthBytes);
  }

  onBlockBytes(bytes: Uint8Array, from: number, lengthBytes: number, slab: Slab | null): void {
    this.#intake!.add(bytes, from, lengthBytes, slab);
  }

  onBlockEnd(): void {
    const [{ clock, gate }, intake, asking] = [this.#owner, this.#intake!, this.#asking!];
    const { piece, block, lengthBytes } = intake;
    const nowMs = clock.monotonicMs();
    const wasWanted = intake.end();
    const isAwaited = asking.received(piece, block, lengthBytes, nowMs);
    // Blocks that nobody asked for are no merit: else junk would buy upload.
    const isUseful = isAwaited || wasWanted;
    if (isUseful) this.#liveness.useful(nowMs);
    if (isUseful) this.downloadedBytes += lengthBytes;
    const isAsked = isUseful || asking.hadCancelled(piece, block);
    if (isAsked) gate.blockReceived?.(this, piece, block * BLOCK_LENGTH_BYTES, lengthBytes);
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
      case "port":
        return this.traits.hearDhtPort(message.port, this.#owner.dht);
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
    this.tellNews();
    this.#connection.send(bytes);
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    if (this.#closed) return;
    const verdict = this.#liveness.verdict(nowMs, !this.interested && !this.peerInterested);
    if (verdict !== null) return this.close(verdict);
    this.partIfUseless();
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

  #receivePieces(pieces: Uint8Array | "all" | "none"): void {
    const transfer = this.#transfer;
    this.#early.set(pieces);
    if (transfer === null) return;
    this.#asking!.setPieces(this.#early.applyTo(transfer.geometry.pieceCount));
    this.partIfUseless();
  }

  partIfUseless(): void {
    if (this.#transfer === null || this.#closed || !this.#early.isTold) return;
    const reason = whyUseless(this, this.#transfer.picker.isComplete);
    if (reason !== null) this.close(reason);
  }

  #receiveExtended(id: number, payload: Uint8Array): void {
    if (this.#extensions === null) {
      throw protocolError("an extended message without the handshake's bit for it");
    }
    const handshake = this.#extensions.onMessage(id, payload);
    if (handshake === null) return;
    this.traits.hear(handshake);
    this.#asking?.setRequestQueueLength(this.traits.requestQueueLength);
    this.#owner.onPeerTraits(this, handshake.yourIp);
    this.partIfUseless();
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
