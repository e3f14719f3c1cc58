import { Bitfield, piecesOfFile } from "@shoal/protocol";
import type { Clock, Dns, Http, HttpResponse, Net } from "@shoal/runtime";
import { WebSeedError } from "../errors.ts";
import type { RateLimiter } from "../rate/rate-limiter.ts";
import { createRateMeter } from "../rate/rate-meter.ts";
import type { AddressFilter } from "../swarm/address-filter.ts";
import type { Transfer } from "../torrent/transfer.ts";
import type { DirectTarget } from "./direct-fetch.ts";
import { type FileRange, FileRequests } from "./file-requests.ts";
import { type ConnectionOwner, WebConnection } from "./web-connection.ts";
import type { WebSeedState, WebSeedStatus } from "./web-seed-status.ts";

/** Requests to one server at once, as browsers do; one at first, one more after each run that went well. */
const MAX_CONNECTIONS = 3;
/** So many files in a row that are not there: it is the wrong server, or the wrong folder. */
const MAX_MISSING_IN_ROW = 16;
const FIRST_RETRY_MS = 5000;
const MAX_RETRY_MS = 600_000;
/** A connection that broke after so much is opened anew at once: it is worth it. */
const WORTHWHILE_BYTES = 16 * 1024;

export interface WebSeedServices {
  readonly http: Http;
  readonly net: Net;
  readonly dns: Dns;
  readonly clock: Clock;
  readonly downloadLimiter: RateLimiter;
  readonly localAddress: string | undefined;
  readonly addressFilter: AddressFilter;
}

/** One web seed of one torrent (BEP 19): its connections, what it lacks, and when to ask it again. */
export class WebSeed implements ConnectionOwner {
  readonly url: string;
  readonly clock: Clock;
  readonly downloadLimiter: RateLimiter;
  readonly net: Net;
  readonly localAddress: string | undefined;
  ignoresRanges = false;
  piecesVersion = 0;
  readonly #requests: FileRequests;
  readonly #onChange: (status: WebSeedStatus) => void;
  readonly #meter = createRateMeter();
  readonly #connections: WebConnection[] = [];
  #transfer: Transfer | null = null;
  #lacking: Bitfield | null = null;
  readonly #missingFiles = new Set<number>();
  #missingInRow = 0;
  #limit = 1;
  #most = MAX_CONNECTIONS;
  #failures = 0;
  #retryAtMs = 0;
  #end: "failed" | "banned" | null = null;
  #error: string | null = null;
  #told: WebSeedState = "idle";

  constructor(
    url: string,
    isTrusted: boolean,
    services: WebSeedServices,
    onChange: (status: WebSeedStatus) => void,
  ) {
    this.url = url;
    this.clock = services.clock;
    this.downloadLimiter = services.downloadLimiter;
    this.net = services.net;
    this.localAddress = services.localAddress;
    this.#requests = new FileRequests({ ...services, url, isTrusted });
    this.#onChange = onChange;
  }

  get state(): WebSeedState {
    if (this.#end !== null) return this.#end;
    if (this.#busy().length > 0) return "active";
    return this.#isResting ? "waiting" : "idle";
  }

  status(): WebSeedStatus {
    const { state } = this;
    const nowMs = this.clock.monotonicMs();
    return {
      url: this.url,
      state,
      connections: this.#busy().length,
      downloadRate: this.#meter.bytesPerSecond(nowMs),
      downloadedBytes: this.#meter.totalBytes,
      missingFiles: this.#missingFiles.size,
      error: this.#error,
      retryInS: state === "waiting" ? (this.#retryAtMs - nowMs) / 1000 : null,
    };
  }

  /** Asks for whatever there is to ask for. Cheap when there is nothing. */
  fill(transfer: Transfer): void {
    this.#transfer = transfer;
    if (this.#end === null && !this.#isResting) this.#wake(transfer);
    this.#tell();
  }

  /** Ends the requests under way. */
  stop(): void {
    const connections = this.#connections.splice(0);
    for (const connection of connections) connection.close();
    this.#transfer = null;
    this.#tell();
  }

  ban(reason: string): void {
    this.#finish("banned", `it ${reason}`);
  }

  // --- As the owner of its connections ----------------------------------------------------------

  pieces(): { has(piece: number): boolean } | "all" {
    const lacking = this.#lacking;
    return lacking === null ? "all" : { has: (piece) => !lacking.has(piece) };
  }

  request(range: FileRange, signal: AbortSignal): Promise<HttpResponse> {
    return this.#requests.get(this.#transfer!.metainfo, range, signal);
  }

  directTarget(fileIndex: number): DirectTarget | null {
    return this.#requests.directTarget(this.#transfer!.metainfo, fileIndex);
  }

  giveUpDirect(): void {
    this.#requests.giveUpDirect();
  }

  onAnswer(isPartial: boolean): void {
    if (isPartial) return;
    this.ignoresRanges = true;
    this.#limit = this.#most = 1;
  }

  onBytes(lengthBytes: number, nowMs: number): void {
    this.#meter.add(lengthBytes, nowMs);
    this.#missingInRow = 0;
  }

  onRunDone(): void {
    this.#failures = 0;
    this.#error = null;
    this.#limit = Math.min(this.#limit + 1, this.#most);
    if (this.#transfer !== null) this.#wake(this.#transfer);
  }

  onRunFailed(connection: WebConnection, error: unknown, fileIndex: number | null): void {
    this.#error = (error as Error).message;
    const code = error instanceof WebSeedError ? error.code : null;
    switch (code) {
      case "missing":
      case "differs":
      case "no-ranges":
        return this.#loseFile(fileIndex!);
      case "forbidden-address":
      case "bad-url":
        return this.#finish("failed", this.#error);
      default:
    }
    const others = this.#busy().filter((other) => other !== connection);
    // What one connection is refused while others work is a further connection.
    if (connection.runBytes === 0 && others.length > 0) {
      this.#limit = this.#most = others.length;
      return;
    }
    const isBroken = code === null && connection.runBytes >= WORTHWHILE_BYTES;
    if (isBroken) return;
    const backOffMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures++, MAX_RETRY_MS);
    const askedMs = error instanceof WebSeedError ? error.retryAfterMs : null;
    this.#retryAtMs = this.clock.monotonicMs() + (askedMs ?? backOffMs);
  }

  onIdle(): void {
    if (this.#transfer !== null) this.fill(this.#transfer);
  }

  get #isResting(): boolean {
    return this.clock.monotonicMs() < this.#retryAtMs;
  }

  #wake(transfer: Transfer): void {
    if (transfer.picker.isComplete) return;
    let busy = this.#busy().length;
    for (const connection of this.#connections) {
      if (busy >= this.#limit) return;
      if (connection.isBusy) continue;
      // When there is nothing for one, there is nothing for others.
      if (!connection.wake()) return;
      busy++;
    }
    while (busy < this.#limit) {
      const connection = new WebConnection(this, transfer);
      this.#connections.push(connection);
      if (!connection.wake()) return;
      busy++;
    }
  }

  #busy(): WebConnection[] {
    return this.#connections.filter((connection) => connection.isBusy);
  }

  /** It does not have this file: pieces with bytes of it come from others. */
  #loseFile(fileIndex: number): void {
    const { metainfo } = this.#transfer!;
    this.#missingFiles.add(fileIndex);
    this.#lacking ??= new Bitfield(metainfo.pieceCount);
    const { first, end } = piecesOfFile(metainfo, fileIndex);
    for (let piece = first; piece < end; piece++) this.#lacking.set(piece);
    this.piecesVersion++;
    if (this.#lacking.isFull || ++this.#missingInRow >= MAX_MISSING_IN_ROW) {
      this.#finish("failed", this.#error!);
    }
  }

  #finish(end: "failed" | "banned", error: string): void {
    if (this.#end === "banned") return;
    this.#end = end;
    this.#error = error;
    this.stop();
  }

  #tell(): void {
    const { state } = this;
    if (state === this.#told) return;
    this.#told = state;
    this.#onChange(this.status());
  }
}
