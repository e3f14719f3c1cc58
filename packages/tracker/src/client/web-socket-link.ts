import {
  type AnnounceRequest,
  type AnnounceResponse,
  encodeWebSocketRequest,
  MAX_OFFERS,
  parseWebSocketResponse,
  toHex,
  TrackerWireError,
  type WebSocketTrackerResponse,
} from "@shoal/protocol";
import type { Clock, Http, Random, Timer, WebSocketConnection } from "@shoal/runtime";
import { TrackerError } from "../errors.ts";
import { createDeadline } from "./deadline.ts";
import { createHttpGuard } from "./http-guard.ts";
import { toTrackerError } from "./http-tracker.ts";
import { abortedError, failureError, timeoutError, unreadableError } from "./tracker-failures.ts";
import type { WebPeers } from "./web-peers.ts";

const OPEN_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = 30_000;
/** Torrents of one connection: as many as Shoal's own tracker takes. */
const MAX_TORRENTS = 500;
/** Trackers cut those who send much at once. */
const ANNOUNCE_GAP_MS = 100;
/** A tracker that takes so little is cut. */
const MAX_QUEUED_BYTES = 1024 * 1024;
/** Answers to others' offers that are being made, of one tracker. */
const MAX_ANSWERING = 20;
/** A lost connection is opened again after this, twice as long each time. */
const FIRST_RECONNECT_MS = 5_000;
const MAX_RECONNECT_MS = 10 * 60_000;

export interface WebSocketParts {
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly webPeers: WebPeers;
}

interface Waiter {
  readonly key: string;
  readonly resolve: (answer: AnnounceResponse) => void;
  readonly reject: (error: TrackerError) => void;
}

/** The connection to one WebSocket tracker, which all torrents of a session share. */
export class WebSocketLink {
  readonly #url: string;
  readonly #parts: WebSocketParts;
  /** What the tracker knows of, by infohash in hex: the last announce, which a new connection repeats. */
  readonly #members = new Map<string, AnnounceRequest>();
  /** Announces without an answer, the oldest first. */
  readonly #waiting = new Set<Waiter>();
  readonly #closing = new AbortController();
  #connection: WebSocketConnection | null = null;
  #opening: Promise<WebSocketConnection> | null = null;
  #reconnect: Timer | null = null;
  #losses = 0;
  #answering = 0;
  #nextAnnounceMs = -Infinity;

  constructor(url: string, parts: WebSocketParts) {
    this.#url = url;
    this.#parts = parts;
  }

  /** @throws {TrackerError} */
  async announce(request: AnnounceRequest, signal: AbortSignal): Promise<AnnounceResponse> {
    const key = toHex(request.infoHash);
    if (request.event === "stopped") return this.#leave(key, request);
    if (!this.#members.has(key) && this.#members.size >= MAX_TORRENTS) {
      const reason = `this side announces ${MAX_TORRENTS} torrents to it already`;
      throw failureError(this.#url, { reason });
    }
    const deadline = createDeadline(this.#parts.clock, ANSWER_TIMEOUT_MS + OPEN_TIMEOUT_MS, signal);
    const answer = Promise.withResolvers<AnnounceResponse>();
    const waiter: Waiter = { key, resolve: answer.resolve, reject: answer.reject };
    answer.promise.catch(() => {});
    const onAbort = (): void => {
      const { isOver } = deadline;
      waiter.reject(isOver ? timeoutError(this.#url) : abortedError(this.#url, signal.reason));
    };
    deadline.signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([this.#open(), answer.promise]);
      if (!deadline.signal.aborted) {
        this.#members.set(key, request);
        this.#waiting.add(waiter);
        await this.#send(request);
      }
      return await answer.promise;
    } finally {
      this.#waiting.delete(waiter);
      deadline.clear();
    }
  }

  close(): void {
    this.#closing.abort();
    this.#reconnect?.cancel();
    this.#members.clear();
    this.#connection?.close();
  }

  /** Trackers do not answer a goodbye. The last torrent to go closes the connection. */
  #leave(key: string, request: AnnounceRequest): AnnounceResponse {
    const wasMember = this.#members.delete(key);
    if (wasMember && this.#connection !== null) {
      this.#connection.send(
        encodeWebSocketRequest({ action: "announce", ...request, numWant: 0, offers: [] }),
      );
    }
    if (this.#members.size === 0) {
      this.#reconnect?.cancel();
      this.#reconnect = null;
      this.#connection?.close();
      this.#connection = null;
    }
    return { kind: "announce", intervalS: 0, peers: [] };
  }

  async #send(request: AnnounceRequest): Promise<void> {
    const { clock, webPeers } = this.#parts;
    const nowMs = clock.monotonicMs();
    const atMs = Math.max(nowMs, this.#nextAnnounceMs);
    this.#nextAnnounceMs = atMs + ANNOUNCE_GAP_MS;
    if (atMs > nowMs) {
      const { promise, resolve } = Promise.withResolvers<void>();
      clock.setTimer(atMs - nowMs, resolve);
      await promise;
    }
    const { infoHash, numWant = MAX_OFFERS } = request;
    const offers = await webPeers.createOffers(infoHash, Math.min(numWant, MAX_OFFERS));
    // It may have left meanwhile.
    if (!this.#members.has(toHex(infoHash))) return;
    this.#write(
      encodeWebSocketRequest({ action: "announce", ...request, numWant: offers.length, offers }),
    );
  }

  #write(text: string): void {
    const connection = this.#connection;
    if (connection === null) return;
    if (connection.queuedBytes > MAX_QUEUED_BYTES) connection.destroy();
    else connection.send(text);
  }

  #open(): Promise<WebSocketConnection> {
    if (this.#connection !== null) return Promise.resolve(this.#connection);
    this.#reconnect?.cancel();
    this.#reconnect = null;
    this.#opening ??= this.#connect().finally(() => (this.#opening = null));
    return this.#opening;
  }

  async #connect(): Promise<WebSocketConnection> {
    const { signal } = this.#closing;
    const guard = createHttpGuard(this.#url);
    try {
      const connection = await this.#parts.http.openWebSocket({
        url: this.#url,
        timeoutMs: OPEN_TIMEOUT_MS,
        allow: (target) => guard({ ...target, redirectedFrom: null }),
        signal,
      });
      connection.receive({
        message: (text) => this.#take(text),
        closed: () => this.#lost(connection),
      });
      this.#connection = connection;
      return connection;
    } catch (error) {
      throw toTrackerError(this.#url, error, false, signal);
    }
  }

  /** Without a connection nobody's offers reach this side, so it is opened again before the next announce. */
  #lost(connection: WebSocketConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = null;
    const error = new TrackerError("unreachable", this.#url, "The tracker closed the connection.");
    for (const waiter of this.#waiting) waiter.reject(error);
    if (this.#members.size > 0 && !this.#closing.signal.aborted) this.#reopenLater();
  }

  #reopenLater(): void {
    const { clock, random } = this.#parts;
    const delayMs = Math.min(FIRST_RECONNECT_MS * 2 ** this.#losses, MAX_RECONNECT_MS);
    this.#losses++;
    this.#reconnect = clock.setTimer(delayMs * (0.8 + random.integer(400) / 1000), () => {
      this.#reconnect = null;
      this.#open().then(
        () => {
          for (const { event: _, ...request } of [...this.#members.values()]) {
            void this.#send(request);
          }
        },
        () => {
          if (this.#members.size > 0 && !this.#closing.signal.aborted) this.#reopenLater();
        },
      );
    });
  }

  #take(text: string): void {
    let response: WebSocketTrackerResponse;
    try {
      response = parseWebSocketResponse(text);
    } catch (error) {
      if (!(error instanceof TrackerWireError)) throw error;
      // A tracker may know messages that this side does not; but who waits is told at once.
      this.#fail(null, unreadableError(this.#url, error));
      return;
    }
    if (response.kind === "failure") {
      const { reason, infoHash = null } = response;
      const key = infoHash === null ? null : toHex(infoHash);
      this.#fail(key, failureError(this.#url, { reason }));
      return;
    }
    if (response.kind === "scrape") return;
    const { infoHash } = response;
    const member = this.#members.get(toHex(infoHash));
    if (member === undefined) return;
    if (response.kind === "announce") {
      const { intervalS, seeders, leechers } = response;
      this.#losses = 0;
      this.#first(toHex(infoHash))?.resolve({
        kind: "announce",
        intervalS,
        seeders,
        leechers,
        peers: [],
      });
      return;
    }
    // This side itself, at another of its connections.
    if (Buffer.compare(response.peerId, member.peerId) === 0) return;
    const { webPeers } = this.#parts;
    if (response.kind === "answer") webPeers.accept(infoHash, response.offerId, response.answer);
    else void this.#answer(member, response);
  }

  async #answer(
    { infoHash, peerId }: AnnounceRequest,
    offer: Extract<WebSocketTrackerResponse, { kind: "offer" }>,
  ): Promise<void> {
    if (this.#answering >= MAX_ANSWERING) return;
    this.#answering++;
    const answer = await this.#parts.webPeers.answer(infoHash, offer.offer);
    this.#answering--;
    if (answer === null) return;
    const { peerId: toPeerId, offerId } = offer;
    this.#write(
      encodeWebSocketRequest({ action: "answer", infoHash, peerId, toPeerId, offerId, answer }),
    );
  }

  #first(key: string): Waiter | undefined {
    return [...this.#waiting].find((waiter) => waiter.key === key);
  }

  #fail(key: string | null, error: TrackerError): void {
    if (key !== null) this.#first(key)?.reject(error);
    else for (const waiter of this.#waiting) waiter.reject(error);
  }
}
