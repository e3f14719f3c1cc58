import {
  encodeWebSocketResponse,
  parseWebSocketRequest,
  toHex,
  TrackerWireError,
  type WebSocketAnnounce,
  type WebSocketAnswer,
  type WebSocketScrape,
} from "@shoal/protocol";
import type { AcceptWebSocket, Clock, WebSocketConnection } from "@shoal/runtime";
import { type Access, splitPasskey } from "../access/access.ts";
import type { RequestCounters } from "./request-counters.ts";
import { type SwarmState, WEB_PEER_BYTES } from "./swarm-state.ts";
import { EVERY_NODE, NODE_ID_BYTES, type WebPeerRelay } from "./web-peer-relay.ts";

/** Torrents that one connection announces: a browser's tab has some, a client with many opens more connections. */
const MAX_TORRENTS = 500;
/** Peer IDs of one connection: a page may hold several clients, which share it. */
const MAX_PEER_IDS = 8;
/** Browsers' peers come with new offers, and so to new peers, only when they announce. */
const MAX_INTERVAL_S = 120;
/** A connection may send so many messages in ten seconds: an announce with answers to every offer, and room. */
const MAX_MESSAGES = 200;
const WINDOW_MS = 10_000;
/** Who takes so little of what is sent to it is cut. */
const MAX_QUEUED_BYTES = 1024 * 1024;
/** Connections of one address: a household behind one address, and nobody who takes all places. */
const MAX_CONNECTIONS_OF_ADDRESS = 64;

export interface WebSocketHandlerParts {
  readonly clock: Clock;
  readonly state: SwarmState;
  readonly access: Access;
  readonly relay: WebPeerRelay;
  readonly intervalS: number;
  readonly counters: RequestCounters;
}

/**
 * Serves browsers' peers over WebSockets, as WebTorrent's trackers do: keeps who is in which swarm and
 * carries offers and answers from one peer to the other. They share the state, and so the figures of
 * scrapes, with peers that are reached by address.
 */
export function createWebSocketHandler(parts: WebSocketHandlerParts): AcceptWebSocket {
  const { relay } = parts;
  /** By peer ID in hex, the latest connection that announced it. */
  const peers = new Map<string, WebPeer>();
  const ofAddress = new Map<string, number>();
  relay.onMessage((peerId, text) => peers.get(toHex(peerId))?.send(text));

  const deliver = (web: Uint8Array, text: string): void => {
    parts.counters.relayed++;
    const nodeId = web.subarray(0, NODE_ID_BYTES);
    const peerId = web.subarray(NODE_ID_BYTES);
    if (Buffer.compare(nodeId, relay.nodeId) === 0) peers.get(toHex(peerId))?.send(text);
    else relay.send(nodeId, peerId, text);
  };

  return ({ target, remote }) => {
    const { path, passkey } = splitPasskey(target);
    if (path !== "/" && path !== "/announce") return null;
    const { address } = remote;
    const count = ofAddress.get(address) ?? 0;
    if (count >= MAX_CONNECTIONS_OF_ADDRESS) return null;
    ofAddress.set(address, count + 1);
    return (connection) => {
      const peer = new WebPeer(parts, connection, passkey, peers, deliver);
      connection.receive({
        message: (text) => peer.receive(text),
        closed() {
          const left = (ofAddress.get(address) ?? 1) - 1;
          if (left === 0) ofAddress.delete(address);
          else ofAddress.set(address, left);
          peer.leave();
        },
      });
    };
  };
}

/** One connection of a browser's peer. */
class WebPeer {
  readonly #parts: WebSocketHandlerParts;
  readonly #connection: WebSocketConnection;
  readonly #passkey: string | null;
  readonly #peers: Map<string, WebPeer>;
  readonly #deliver: (web: Uint8Array, text: string) => void;
  /** What it is in: by infohash in hex, the names under which it was entered. */
  readonly #swarms = new Map<string, { infoHash: Uint8Array; web: Uint8Array }>();
  readonly #ids = new Set<string>();
  #windowStartMs = 0;
  #messages = 0;

  constructor(
    parts: WebSocketHandlerParts,
    connection: WebSocketConnection,
    passkey: string | null,
    peers: Map<string, WebPeer>,
    deliver: (web: Uint8Array, text: string) => void,
  ) {
    this.#parts = parts;
    this.#connection = connection;
    this.#passkey = passkey;
    this.#peers = peers;
    this.#deliver = deliver;
  }

  send(text: string): void {
    if (this.#connection.queuedBytes > MAX_QUEUED_BYTES) this.#connection.destroy();
    else this.#connection.send(text);
  }

  receive(text: string): void {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#windowStartMs > WINDOW_MS) {
      this.#windowStartMs = nowMs;
      this.#messages = 0;
    }
    if (++this.#messages > MAX_MESSAGES) return this.#connection.destroy();
    void this.#handle(text).catch((error: unknown) => {
      const isTheirs = error instanceof TrackerWireError;
      this.#refuse(isTheirs ? error.message : "The tracker has a problem, try again later.");
    });
  }

  /** The connection is gone, and with it the peer. */
  leave(): void {
    // A state that cannot be told now forgets the peer by its silence.
    for (const swarm of this.#swarms.values()) this.#stop(swarm).catch(() => {});
    for (const id of this.#ids) if (this.#peers.get(id) === this) this.#peers.delete(id);
  }

  async #handle(text: string): Promise<void> {
    const request = parseWebSocketRequest(text);
    if (request.action === "scrape") return await this.#scrape(request);
    const { address } = this.#connection.remote;
    const admission = this.#parts.access.admit(request.infoHash, address, this.#passkey);
    if ("refusal" in admission) return this.#refuse(admission.refusal, request.infoHash);
    if (request.action === "answer") return this.#passAnswer(request);
    const { account } = admission;
    if (account !== null) {
      const { event } = request;
      this.#parts.access.rules.accounts?.count(account, { ...request, event });
    }
    await this.#announce(request);
  }

  async #announce(request: WebSocketAnnounce): Promise<void> {
    const { state, counters, intervalS } = this.#parts;
    counters.announces++;
    const { infoHash, peerId, event, leftBytes, offers } = request;
    const key = toHex(infoHash);
    const web = this.#nameOf(peerId);
    const known = this.#swarms.get(key);
    if (event === "stopped") {
      this.#swarms.delete(key);
      return await this.#stop({ infoHash, web });
    }
    if (known === undefined && this.#swarms.size >= MAX_TORRENTS) {
      return this.#refuse("Too many torrents on one connection: open another.", infoHash);
    }
    if (!this.#claim(toHex(peerId))) {
      return this.#refuse("This peer ID is in use at another address.", infoHash);
    }
    // One connection is one peer of a swarm, or it could fill the swarm with names of its own.
    if (known !== undefined && Buffer.compare(known.web, web) !== 0) await this.#stop(known);
    this.#swarms.set(key, { infoHash, web });
    const answer = await state.announce({
      infoHash,
      endpoint: web,
      event,
      // Who does not say what is left counts as a leecher.
      leftBytes: leftBytes ?? Number.MAX_SAFE_INTEGER,
      numWant: Math.min(request.numWant ?? offers.length, offers.length),
      wantsBothFamilies: false,
    });
    if (answer === null) return this.#refuse("The tracker is full. Use another.", infoHash);
    const { seeders, leechers, peersWeb } = answer;
    const others = peersWeb.slice();
    const seconds = Math.min(intervalS, MAX_INTERVAL_S);
    this.send(
      encodeWebSocketResponse({
        kind: "announce",
        infoHash,
        intervalS: seconds,
        seeders,
        leechers,
      }),
    );
    for (const [index, offer] of offers.entries()) {
      const at = index * WEB_PEER_BYTES;
      if (at >= others.length) break;
      this.#deliver(
        others.subarray(at, at + WEB_PEER_BYTES),
        encodeWebSocketResponse({ kind: "offer", infoHash, peerId, ...offer }),
      );
    }
  }

  /** To whoever made the offer. Its node is not told with it, so it is sought here, then everywhere. */
  #passAnswer({ infoHash, peerId, toPeerId, offerId, answer }: WebSocketAnswer): void {
    const text = encodeWebSocketResponse({ kind: "answer", infoHash, peerId, offerId, answer });
    this.#parts.counters.relayed++;
    const local = this.#peers.get(toHex(toPeerId));
    if (local !== undefined) local.send(text);
    else this.#parts.relay.send(EVERY_NODE, toPeerId, text);
  }

  async #scrape({ infoHashes }: WebSocketScrape): Promise<void> {
    const { state, counters, access } = this.#parts;
    counters.scrapes++;
    for (const infoHash of infoHashes) {
      const { address } = this.#connection.remote;
      const admission = access.admit(infoHash, address, this.#passkey);
      if ("refusal" in admission) return this.#refuse(admission.refusal, infoHash);
    }
    const entries = await Promise.all(
      infoHashes.map(async (infoHash) => ({ infoHash, ...(await state.scrape(infoHash)) })),
    );
    this.send(encodeWebSocketResponse({ kind: "scrape", entries }));
  }

  async #stop({ infoHash, web }: { infoHash: Uint8Array; web: Uint8Array }): Promise<void> {
    await this.#parts.state.announce({
      infoHash,
      endpoint: web,
      event: "stopped",
      leftBytes: 0,
      numWant: 0,
      wantsBothFamilies: false,
    });
  }

  /** A peer ID belongs to the connection that used it first, or to a later one of the same address. */
  #claim(id: string): boolean {
    if (this.#ids.has(id) && this.#peers.get(id) === this) return true;
    const holder = this.#peers.get(id);
    const { address } = this.#connection.remote;
    if (holder !== undefined && holder.#connection.remote.address !== address) return false;
    if (this.#ids.size >= MAX_PEER_IDS) return false;
    this.#ids.add(id);
    this.#peers.set(id, this);
    return true;
  }

  #nameOf(peerId: Uint8Array): Uint8Array {
    const web = new Uint8Array(WEB_PEER_BYTES);
    web.set(this.#parts.relay.nodeId);
    web.set(peerId, NODE_ID_BYTES);
    return web;
  }

  #refuse(reason: string, infoHash?: Uint8Array): void {
    this.#parts.counters.refused++;
    this.send(
      encodeWebSocketResponse({
        kind: "failure",
        reason,
        ...(infoHash !== undefined && { infoHash }),
      }),
    );
  }
}
