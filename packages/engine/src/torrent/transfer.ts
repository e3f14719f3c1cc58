import { type Bitfield, describePiece, type Metainfo } from "@shoal/protocol";
import type { PieceCheck, PieceVerdict, Random, SlabPool, Storage } from "@shoal/runtime";
import type { FlowGate } from "../extension/flow-gate.ts";
import { HashExchange } from "../hashes/hash-exchange.ts";
import { type PieceJudgement, SuspectBlocks } from "../hashes/suspect-blocks.ts";
import { type ReceivedBlock, releaseBlock } from "../peer/block-receiver.ts";
import type { BlockSender } from "./block-sender.ts";
import type { TransferPeer } from "./transfer-peer.ts";
import { Suggestions } from "../peer/suggestions.ts";
import { createPiecePicker, type PiecePicker } from "../picker/piece-picker.ts";
import type { Urgent } from "../picker/block-selection.ts";
import { Urgency } from "../streaming/urgency.ts";
import { StarvingPeers } from "./starving-peers.ts";
import { sendersOf, tellGate } from "./piece-senders.ts";
import { createRateMeter } from "../rate/rate-meter.ts";
import { Backlog } from "../storage/backlog.ts";
import type { Geometry } from "../storage/geometry.ts";
import { PieceBuffer } from "../storage/piece-buffer.ts";

const NOT_URGENT = Object.freeze({});

/** What a {@link Transfer} tells its torrent. */
export interface TransferOwner {
  readonly gate: FlowGate;
  readonly peers: Iterable<TransferPeer>;
  onPieceVerified(piece: number, senders: ReadonlySet<BlockSender>): void;
  /** A piece was bad: who sent its blocks. */
  onPieceFailed(piece: number, senders: ReadonlySet<BlockSender>): void;
  /** A piece that was here is gone: it turned out to be bad on disk. */
  onPieceLost(piece: number): void;
  /** It is proven who sent the bad blocks of a piece: IP addresses, or URLs of web seeds. */
  onJudged(judgement: PieceJudgement): void;
  onDiskFailed(error: Error): void;
  /** A file's piece layer arrived from a peer, proven (BEP 52). */
  onLayer(): void;
  /** SHA-1 and Merkle root disagree: the torrent itself is broken (BEP 52, hybrid). */
  onInconsistent(piece: number): void;
}

/** Moves a torrent's data: which blocks are wanted, where they wait, and when a piece is good. */
export class Transfer {
  readonly metainfo: Metainfo;
  readonly geometry: Geometry;
  readonly storage: Storage;
  readonly pool: SlabPool;
  readonly picker: PiecePicker;
  /** Where peers are pointed to once everything is here. */
  readonly suggestions: Suggestions;
  /** Who may take pieces while it is choked. */
  readonly starving: StarvingPeers;
  /** The pieces that are verified and on disk. */
  readonly have: Bitfield;
  /** The exchange of BEP 52 hashes; null for a torrent without a Merkle tree. */
  readonly hashes: HashExchange | null;
  /** Piece layers by the hex of the pieces root (BEP 52); grows as they arrive. */
  readonly layers: Map<string, Uint8Array>;
  /** What is read while it comes. */
  readonly urgency: Urgency;
  readonly downloadMeter = createRateMeter();
  readonly uploadMeter = createRateMeter();
  wastedBytes = 0;
  failedPieces = 0;
  readonly #owner: TransferOwner;
  readonly #buffer: PieceBuffer;
  readonly #suspects = new SuspectBlocks();
  readonly #verifying = new Map<number, Promise<void>>();
  readonly #backlog: Backlog;
  /** Pieces whose expected hash is not known yet: they wait for the hash exchange. */
  readonly #unverifiable = new Set<number>();
  #spilling: Promise<void> | null = null;
  #closed = false;

  constructor(init: {
    owner: TransferOwner;
    metainfo: Metainfo;
    geometry: Geometry;
    storage: Storage;
    pool: SlabPool;
    random: Random;
    have: Bitfield;
  }) {
    this.#owner = init.owner;
    this.metainfo = init.metainfo;
    this.geometry = init.geometry;
    this.storage = init.storage;
    this.pool = init.pool;
    this.have = init.have;
    this.picker = createPiecePicker({
      pieceCount: init.geometry.pieceCount,
      blocksInPiece: (piece) => init.geometry.blocksIn(piece),
      random: init.random,
    });
    this.starving = new StarvingPeers(init);
    this.suggestions = new Suggestions({ ...init.geometry, ...init, picker: this.picker });
    this.layers = new Map(init.metainfo.pieceLayers);
    this.hashes = init.metainfo.v2 === null ? null : this.#createHashExchange();
    this.urgency = new Urgency(this.picker, init.owner.peers);
    init.have.forEach((piece) => this.picker.markHave(piece));
    this.#buffer = new PieceBuffer(init.geometry, init.storage);
    this.#backlog = new Backlog(init.geometry.pieceLengthBytes);
  }

  /** Pieces being hashed and written now. */
  get verifying(): number {
    return this.#verifying.size;
  }

  /** So much waits to be hashed and written that nothing should be asked for. Peers are woken after that. */
  get isBehind(): boolean {
    return this.#backlog.isFull;
  }

  /** Whether the bytes of a block that begins to arrive are worth keeping. */
  wantsBlock(sender: BlockSender, piece: number, block: number): boolean {
    if (this.#closed || this.picker.isHave(piece)) return false;
    const contributors = this.picker.contributors(piece);
    return contributors.length > 0 && contributors[block] === undefined && !sender.isClosed;
  }

  /** A block arrived whole. The transfer owns its memory from here on. */
  onBlock(sender: BlockSender, piece: number, block: number, received: ReceivedBlock): void {
    const result = this.picker.received(sender, piece, block);
    if (result.outcome === "duplicate" || result.outcome === "unwanted" || this.#closed) {
      this.onWaste(this.geometry.blockLength(piece, block));
      releaseBlock(received);
      return;
    }
    for (const other of result.cancel) (other as BlockSender).cancelRequest(piece, block);
    this.#buffer.put(piece, block, received);
    if (result.isPieceComplete) this.#complete(piece);
    else if (this.pool.isTight) this.#relieve();
  }

  /** A piece was found good where it lies. */
  foundOnDisk(piece: number): void {
    this.have.set(piece);
    this.picker.markHave(piece);
  }

  /**
   * Hashes a piece that is here again. One that is bad, or missing, is gone: it is asked for anew.
   * @returns Whether it is good.
   * @throws {DiskError} when it cannot be read for other reasons.
   */
  async recheck(piece: number): Promise<boolean> {
    const check = this.checkOf(piece);
    if (check === null || !this.have.has(piece)) return false;
    const { ok } = await this.storage.check(check);
    if (!ok) this.#lose(piece);
    return ok;
  }

  /** Takes back the requests for pieces that are not wanted any more, and forgets what came of them. */
  dropUnwanted(): void {
    const { picker } = this;
    for (const peer of this.#owner.peers) {
      const requests = picker.blocksRequestedBy(peer);
      for (let at = 0; at < requests.length; at += 2) {
        const [piece, block] = [requests[at]!, requests[at + 1]!];
        if (picker.priority(piece) > 0) continue;
        picker.aborted(peer, piece, block);
        peer.cancelRequest(piece, block);
      }
      peer.updateInterest();
    }
    for (const { piece, received, blockCount } of picker.openPieces()) {
      // What is complete is on its way to the disk.
      if (picker.priority(piece) > 0 || received === blockCount) continue;
      picker.pieceFailed(piece);
      this.#buffer.drop(piece);
    }
  }

  /** What a peer can do for what is read while it comes, when a block takes it so long. */
  urgencyFor(blockMs: number, nowMs: number): { urgent?: Urgent } {
    return this.picker.isUrgent ? { urgent: this.urgency.of(blockMs, nowMs) } : NOT_URGENT;
  }

  onWaste(lengthBytes: number): void {
    this.wastedBytes += lengthBytes;
  }

  onReceived(payloadBytes: number, nowMs: number): void {
    this.downloadMeter.add(payloadBytes, nowMs);
  }

  onSent(payloadBytes: number, nowMs: number): void {
    this.uploadMeter.add(payloadBytes, nowMs);
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    this.starving.tick(nowMs);
    if (this.pool.isTight) this.#relieve();
    if (this.hashes === null) return;
    for (const peer of this.#owner.peers) this.hashes.ask(peer, nowMs);
  }

  /** What a piece must hash to; null while that is not known. */
  checkOf(piece: number): PieceCheck | null {
    const { offsetBytes, lengthBytes, sha1, merkle } = describePiece(
      this.metainfo,
      piece,
      this.layers,
    );
    if (sha1 === null && merkle === null) return null;
    return {
      offsetBytes,
      lengthBytes,
      ...(sha1 === null ? {} : { sha1 }),
      ...(merkle === null ? {} : { merkle }),
    };
  }

  /** Resolves once no write is under way. To be called when nothing more can arrive. */
  async settle(): Promise<void> {
    await this.#spilling;
    await Promise.all(this.#verifying.values());
  }

  /** Drops what is incomplete and closes the files. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#buffer.clear();
    await this.storage.close();
  }

  #complete(piece: number): void {
    const check = this.checkOf(piece);
    if (check === null) {
      this.#unverifiable.add(piece);
      return;
    }
    this.#backlog.add(check.lengthBytes);
    if (this.#suspects.isSuspect(piece)) Object.assign(check, this.#leavesOf(piece));
    const verified = this.#verify(piece, check)
      .catch((error: unknown) => {
        if (!this.#closed) this.#owner.onDiskFailed(error as Error);
      })
      .finally(() => {
        this.#verifying.delete(piece);
        if (this.#backlog.remove(check.lengthBytes)) this.#wakePeers();
      });
    this.#verifying.set(piece, verified);
  }

  #wakePeers(): void {
    for (const peer of this.#owner.peers) peer.wake();
  }

  async #verify(piece: number, check: PieceCheck): Promise<void> {
    const taken = this.#buffer.take(piece);
    const complete = taken instanceof Promise ? await taken : taken;
    let verdict: PieceVerdict;
    let leaves: Uint8Array | undefined;
    try {
      verdict = await this.storage.hashAndWrite(check, complete.parts);
      leaves = verdict.leaves;
      if (!verdict.ok && leaves === undefined && sendersOf(this.picker, piece).size > 1) {
        // Nothing is expected, and so nothing is written.
        const { offsetBytes, lengthBytes } = check;
        const asked = { offsetBytes, lengthBytes, ...this.#leavesOf(piece) };
        ({ leaves } = await this.storage.hashAndWrite(asked, complete.parts));
      }
    } catch (error) {
      // Nothing is lost but the piece: it is asked for again when the disk works.
      this.picker.pieceFailed(piece);
      throw error;
    } finally {
      complete.release();
    }
    if (this.#closed) return;
    if (verdict.ok) this.#verified(piece, leaves);
    else this.#failed(piece, { ...verdict, ...(leaves === undefined ? {} : { leaves }) });
  }

  #leavesOf(piece: number): Pick<PieceCheck, "wantLeaves" | "leavesLengthBytes"> {
    return { wantLeaves: true, leavesLengthBytes: this.geometry.payloadOf(piece) };
  }

  #lose(piece: number): void {
    if (this.#closed || !this.have.clear(piece)) return;
    this.picker.unmarkHave(piece);
    this.#owner.onPieceLost(piece);
  }

  #verified(piece: number, leaves: Uint8Array | undefined): void {
    if (leaves !== undefined && this.#suspects.isSuspect(piece)) {
      this.#owner.onJudged(this.#suspects.judge(piece, leaves));
    }
    tellGate(this.#owner.gate, this, piece, true);
    const senders = sendersOf(this.picker, piece);
    this.have.set(piece);
    this.picker.pieceVerified(piece);
    this.#owner.onPieceVerified(piece, senders);
  }

  #failed(piece: number, verdict: PieceVerdict): void {
    if (
      verdict.sha1Ok !== undefined &&
      verdict.merkleOk !== undefined &&
      verdict.sha1Ok !== verdict.merkleOk
    ) {
      this.#owner.onInconsistent(piece);
      return;
    }
    this.failedPieces++;
    this.wastedBytes += this.geometry.payloadOf(piece);
    const senders = sendersOf(this.picker, piece);
    if (senders.size > 1 && verdict.leaves !== undefined) {
      const contributors = this.picker.contributors(piece) as readonly (BlockSender | undefined)[];
      const addresses = contributors.map((sender) => sender?.remote.address);
      this.#suspects.add(piece, { leaves: verdict.leaves, senders: addresses });
      this.hashes?.investigate(piece, verdict.leaves, addresses);
    }
    tellGate(this.#owner.gate, this, piece, false);
    this.picker.pieceFailed(piece);
    this.#owner.onPieceFailed(piece, senders);
  }

  #createHashExchange(): HashExchange {
    return new HashExchange({
      metainfo: this.metainfo,
      layers: this.layers,
      hasPiece: (piece) => this.have.has(piece),
      hashPiece: async (piece, check) => {
        const { ok, leaves } = await this.storage.check(check);
        if (!ok) this.#lose(piece);
        return ok ? leaves : undefined;
      },
      onLayer: () => {
        this.#verifyWaiting();
        this.#owner.onLayer();
      },
      onJudged: (piece, judgement) => {
        this.#suspects.forget(piece);
        this.#owner.onJudged(judgement);
      },
    });
  }

  /** More pieces can be verified: those that were waiting for their hashes are. */
  #verifyWaiting(): void {
    for (const piece of [...this.#unverifiable]) {
      this.#unverifiable.delete(piece);
      this.#complete(piece);
    }
  }

  /** Memory is short, and incomplete pieces hold it: write some of them ahead of their time. */
  #relieve(): void {
    if (this.#buffer.heldBytes === 0 && this.#verifying.size === 0) {
      // What is held are the beginnings of blocks whose ends wait in paused sockets.
      for (const peer of this.#owner.peers) peer.nudge();
      return;
    }
    // Pieces being verified give their memory back by themselves.
    const isWorthIt = this.#buffer.heldBytes * 2 >= this.pool.budgetBytes;
    if (this.#spilling !== null || (!isWorthIt && this.#verifying.size > 0)) return;
    this.#spilling = this.#buffer
      .spill(this.pool.budgetBytes / 2)
      .catch((error: unknown) => {
        if (!this.#closed) this.#owner.onDiskFailed(error as Error);
      })
      .finally(() => (this.#spilling = null));
  }
}
