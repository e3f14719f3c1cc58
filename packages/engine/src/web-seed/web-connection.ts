import { BLOCK_LENGTH_BYTES } from "@shoal/protocol";
import { type Clock, HttpError, type HttpResponse, type Net, type SlabPool } from "@shoal/runtime";
import { DownloadDebt } from "../peer/download-debt.ts";
import type { RateLimiter } from "../rate/rate-limiter.ts";
import { createRateMeter } from "../rate/rate-meter.ts";
import type { BlockSender, WebSender } from "../torrent/block-sender.ts";
import type { Transfer } from "../torrent/transfer.ts";
import { DirectFetch, type DirectTarget } from "./direct-fetch.ts";
import { dropBody, type FileRange } from "./file-requests.ts";
import { Hold } from "./hold.ts";
import { type RangeAnswer, readAnswer } from "./read-answer.ts";
import { RunIntake } from "./run-intake.ts";
import { planRun } from "./run-plan.ts";

/** A run takes so long at the rate that was measured: long enough to hide the pause between requests. */
const RUN_S = 4;
/** The first run is short: little is known of the server. */
const FIRST_RUN_BYTES = 1024 * 1024;
/** Runs are no longer than this: others may help with what is not yet asked for. */
const MAX_RUN_BYTES = 64 * 1024 * 1024;
/** A server without ranges sends all in one go. */
const MAX_STREAM_BYTES = 1024 * 1024 * 1024;
/** End game asks an idle web seed for so many blocks at once: each may come twice. */
const END_GAME_BLOCKS = 64;
/** What comes sooner than this is on its way, and is not asked for again. */
const CANCEL_MS = 400;
/** What the first byte of an answer is expected to take before any came. */
const UNKNOWN_LATENCY_MS = 1000;
/** Memory may also come back without the pool having been short: its free part is only too finely divided. */
const ROOM_RETRY_MS = 250;

/** What a connection needs of its web seed. */
export interface ConnectionOwner {
  readonly url: string;
  readonly clock: Clock;
  readonly downloadLimiter: RateLimiter;
  /** The server sends whole files only. */
  readonly ignoresRanges: boolean;
  /** Which pieces the web seed has; changes with `piecesVersion`. */
  pieces(): { has(piece: number): boolean } | "all";
  readonly piecesVersion: number;
  /** @throws {WebSeedError|HttpError} */
  request(range: FileRange, signal: AbortSignal): Promise<HttpResponse>;
  readonly net: Net;
  readonly localAddress: string | undefined;
  /** Where to ask for a file directly; null where `request` is to be used. */
  directTarget(fileIndex: number): DirectTarget | null;
  giveUpDirect(): void;
  onAnswer(isPartial: boolean): void;
  onBytes(lengthBytes: number, nowMs: number): void;
  /** Another run may begin on another connection too. */
  onRunDone(): void;
  /** @param fileIndex The file that was asked for. */
  onRunFailed(connection: WebConnection, error: unknown, fileIndex: number | null): void;
  onIdle(): void;
}

/** One HTTP request after another to a web seed. It is known to the picker and the transfer as a sender. */
export class WebConnection implements WebSender {
  readonly isWebSeed = true;
  readonly remote: { readonly address: string };
  isClosed = false;
  /** A run is under way. */
  isBusy = false;
  /** Payload since the run began. */
  runBytes = 0;
  readonly #owner: ConnectionOwner;
  readonly #transfer: Transfer;
  readonly #debt: DownloadDebt;
  readonly #hold = new Hold();
  readonly #direct: DirectFetch;
  readonly #closing = new AbortController();
  readonly #meter = createRateMeter();
  #piecesVersion: number;
  #intake: RunIntake | null = null;
  #latencyMs = UNKNOWN_LATENCY_MS;
  #lastByteMs = 0;

  constructor(owner: ConnectionOwner, transfer: Transfer) {
    this.#owner = owner;
    this.#transfer = transfer;
    this.remote = { address: owner.url };
    this.#debt = new DownloadDebt(owner.downloadLimiter, this.#hold);
    this.#direct = new DirectFetch({
      net: owner.net,
      clock: owner.clock,
      pool: transfer.pool,
      localAddress: owner.localAddress,
      hold: this.#hold,
      onBytes: (lengthBytes) => this.#count(lengthBytes, lengthBytes),
    });
    this.#piecesVersion = owner.piecesVersion;
    transfer.picker.addPeer(this, owner.pieces());
  }

  /** Begins a run, if there is one to begin. @returns whether one is under way. */
  wake(): boolean {
    if (this.isBusy || this.isClosed) return this.isBusy;
    const blocks = this.#pick();
    if (blocks.length === 0) return false;
    this.isBusy = true;
    void this.#work(blocks);
    return true;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#closing.abort();
    this.#debt.close();
    this.#hold.end();
    this.#direct.close();
    this.#intake?.clear();
    this.#transfer.picker.removePeer(this);
  }

  /** Nothing to tell the server: what is not wanted any more is read over, or the run ends before it. */
  cancelRequest(_piece: number, _block: number): void {}

  /** As a peer's: whether the last of what it was asked for is better asked also of an idle one. */
  isLate(nowMs: number, otherMs: number): boolean {
    const intake = this.#intake;
    if (intake === null) return true;
    const silentMs = nowMs - this.#lastByteMs;
    const drainMs = (intake.leftBytes / Math.max(1, this.#meter.bytesPerSecond(nowMs))) * 1000;
    const isKnown = this.#meter.totalBytes > 0;
    return Math.max(silentMs, isKnown ? drainMs : 0) > otherMs + CANCEL_MS;
  }

  /** The pairs `piece, block` of the next run. */
  #pick(): number[] {
    const { picker } = this.#transfer;
    if (this.#piecesVersion !== this.#owner.piecesVersion) {
      this.#piecesVersion = this.#owner.piecesVersion;
      picker.removePeer(this);
      picker.addPeer(this, this.#owner.pieces());
    }
    const blocks: number[] = [];
    if (picker.pickRun(this, Math.ceil(this.#runBytes() / BLOCK_LENGTH_BYTES), blocks) > 0) {
      return blocks;
    }
    const nowMs = this.#owner.clock.monotonicMs();
    // Another connection to the same server would only halve the speed of the first.
    const endGame = (other: object) => {
      const { remote } = other as BlockSender;
      if (remote.address === this.remote.address) return false;
      return (other as WebConnection).isLate(nowMs, this.#latencyMs);
    };
    picker.pick(this, END_GAME_BLOCKS, blocks, { endGame });
    return this.#keepRun(blocks);
  }

  #runBytes(): number {
    if (this.#owner.ignoresRanges) return MAX_STREAM_BYTES;
    if (this.#meter.totalBytes === 0) return FIRST_RUN_BYTES;
    const rate = this.#meter.bytesPerSecond(this.#owner.clock.monotonicMs());
    return Math.min(Math.max(rate * RUN_S, BLOCK_LENGTH_BYTES), MAX_RUN_BYTES);
  }

  /** Of blocks in any order those that follow the first without a gap; the others are given back. */
  #keepRun(blocks: readonly number[]): number[] {
    const pairs = blocks.flatMap((piece, at) => (at % 2 === 0 ? [[piece, blocks[at + 1]!]] : []));
    pairs.sort(([a, b], [c, d]) => a! - c! || b! - d!);
    const run: number[] = [];
    for (const [piece, block] of pairs as [number, number][]) {
      const [lastPiece, lastBlock] = run.slice(-2);
      const follows =
        lastPiece === undefined ||
        (piece === lastPiece && block === lastBlock! + 1) ||
        (piece === lastPiece + 1 &&
          block === 0 &&
          lastBlock === this.#transfer.geometry.blocksIn(lastPiece) - 1);
      if (follows) run.push(piece, block);
      else this.#transfer.picker.aborted(this, piece, block);
    }
    return run;
  }

  async #work(first: number[]): Promise<void> {
    for (let blocks = first; blocks.length > 0; blocks = this.#pick()) {
      if (!(await this.#fetchRun(blocks))) break;
      this.#owner.onRunDone();
      if (this.isClosed) return;
    }
    this.isBusy = false;
    this.#direct.close();
    if (!this.isClosed) this.#owner.onIdle();
  }

  /** @returns whether the run came to its end. */
  async #fetchRun(blocks: readonly number[]): Promise<boolean> {
    const transfer = this.#transfer;
    const intake = new RunIntake(transfer, this, blocks);
    this.#intake = intake;
    this.runBytes = 0;
    let fileIndex: number | null = null;
    try {
      for (const step of planRun(transfer.metainfo, transfer.geometry, blocks)) {
        fileIndex = step.fileIndex;
        if (step.fileIndex === null) await this.#takeZeros(intake, step.lengthBytes);
        else await this.#fetch(intake, step);
        if (!intake.isWorthIt) break;
      }
      return true;
    } catch (error) {
      if (!this.isClosed) this.#owner.onRunFailed(this, error, fileIndex);
      return false;
    } finally {
      this.#intake = null;
      intake.clear();
      if (!this.isClosed) transfer.picker.abortedAll(this);
    }
  }

  /** Fetches one range of one file; where the server sends less at a time, by several requests. */
  async #fetch(intake: RunIntake, step: FileRange): Promise<void> {
    const fileLengthBytes = this.#transfer.metainfo.files[step.fileIndex]!.lengthBytes;
    for (let doneBytes = 0; doneBytes < step.lengthBytes;) {
      const rest = {
        ...step,
        fileOffsetBytes: step.fileOffsetBytes + doneBytes,
        lengthBytes: step.lengthBytes - doneBytes,
      };
      doneBytes +=
        (await this.#fetchDirectly(intake, rest, fileLengthBytes)) ??
        (await this.#fetchByHttp(intake, rest, fileLengthBytes));
      if (!intake.isWorthIt) return;
    }
  }

  /** Straight into slabs. @returns null where that cannot be; else as {@link #readBody}. */
  async #fetchDirectly(
    intake: RunIntake,
    { fileIndex, fileOffsetBytes, lengthBytes }: FileRange,
    fileLengthBytes: number,
  ): Promise<number | null> {
    const target = this.#owner.directTarget(fileIndex);
    if (target === null) return null;
    const part = { startBytes: fileOffsetBytes, lengthBytes, fileLengthBytes };
    const bytes = await this.#direct.fetch(target, part, intake, this.#closing.signal);
    if (bytes === null) this.#owner.giveUpDirect();
    return bytes;
  }

  /** As {@link #readBody}. */
  async #fetchByHttp(
    intake: RunIntake,
    range: FileRange,
    fileLengthBytes: number,
  ): Promise<number> {
    const { clock } = this.#owner;
    const askedMs = clock.monotonicMs();
    this.#lastByteMs = askedMs;
    const response = await this.#owner.request(range, this.#closing.signal);
    this.#latencyMs = clock.monotonicMs() - askedMs;
    const { fileOffsetBytes: startBytes, lengthBytes } = range;
    try {
      const request = { startBytes, lengthBytes, fileLengthBytes };
      const answer = readAnswer(response, request, clock.nowMs());
      this.#owner.onAnswer(answer.isPartial);
      return await this.#readBody(intake, response.body, answer);
    } catch (error) {
      await dropBody(response.body);
      throw error;
    }
  }

  /** @returns Bytes of the wanted range that came. */
  async #readBody(
    intake: RunIntake,
    body: AsyncIterable<Uint8Array>,
    { skipBytes, lengthBytes, hasMore }: RangeAnswer,
  ): Promise<number> {
    let seenBytes = 0;
    const endBytes = skipBytes + lengthBytes;
    for await (const bytes of body) {
      const from = Math.min(Math.max(skipBytes - seenBytes, 0), bytes.length);
      const to = Math.min(endBytes - seenBytes, bytes.length);
      seenBytes += bytes.length;
      this.#count(to, to - from);
      await this.#takeAll(intake, bytes.subarray(0, to), from);
      if (this.#hold.isHeld) await this.#hold.pass();
      if (this.isClosed || seenBytes > endBytes) break;
      // A body that ends with what was asked for is read to its end: then its connection is kept.
      if (seenBytes === endBytes ? hasMore : !intake.isWorthIt) break;
    }
    const doneBytes = Math.min(seenBytes, endBytes) - skipBytes;
    if (doneBytes < lengthBytes && !this.isClosed && intake.isWorthIt) {
      throw new HttpError("failed", `its answer ended ${lengthBytes - doneBytes} bytes too early`);
    }
    return doneBytes;
  }

  #count(readBytes: number, payloadBytes: number): void {
    const nowMs = this.#owner.clock.monotonicMs();
    this.#lastByteMs = nowMs;
    this.#meter.add(readBytes, nowMs);
    this.runBytes += payloadBytes;
    this.#owner.onBytes(readBytes, nowMs);
    this.#transfer.onReceived(readBytes, nowMs);
    this.#debt.add(readBytes);
    if (readBytes > payloadBytes) this.#transfer.onWaste(readBytes - payloadBytes);
  }

  async #takeZeros(intake: RunIntake, lengthBytes: number): Promise<void> {
    for (let left = lengthBytes; left > 0;) {
      const bytes = new Uint8Array(Math.min(left, BLOCK_LENGTH_BYTES));
      await this.#takeAll(intake, bytes, 0);
      left -= bytes.length;
    }
  }

  async #takeAll(intake: RunIntake, bytes: Uint8Array, from: number): Promise<void> {
    let at = intake.take(bytes, from);
    while (at < bytes.length && !this.isClosed && !intake.isDone) {
      intake.dropSlab();
      await this.#room(this.#transfer.pool);
      if (!this.isClosed) at = intake.take(bytes, at);
    }
  }

  /** Waits until memory is to be had again. */
  async #room(pool: SlabPool): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { signal } = this.#closing;
    const remove = pool.onRelief(resolve);
    const timer = this.#owner.clock.setTimer(ROOM_RETRY_MS, resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    timer.cancel();
    remove();
  }
}
