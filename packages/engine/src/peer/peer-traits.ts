import { describeClient, type ExtensionHandshake } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import type { DhtLink } from "../discovery/dht-link.ts";
import type { Connection } from "./connection.ts";

/** What a peer told of itself in its extension handshakes (BEP 10), each of which may change some of it. */
export class PeerTraits {
  client: string;
  /** It will ask for no more pieces (BEP 21). */
  uploadOnly = false;
  prefersEncryption = false;
  /** Where others can connect to it; null while it did not say. */
  listensAt: Endpoint | null;
  /** It is spoken to over uTP (BEP 29). */
  readonly isUtp: boolean;
  /** Requests that it queues; null when it did not say. */
  requestQueueLength: number | null = null;

  /** It has named its DHT node. */
  #hasNamedNode = false;
  readonly #remote: Endpoint;
  readonly #incoming: boolean;

  /** @param peerId 20 bytes, which name the client until it names itself. */
  constructor(
    peerId: Uint8Array,
    { remote, isUtp }: Pick<Connection, "remote" | "isUtp">,
    incoming: boolean,
  ) {
    this.client = describeClient(peerId);
    this.listensAt = incoming || remote.port === 0 ? null : remote;
    this.isUtp = isUtp;
    this.#remote = remote;
    this.#incoming = incoming;
  }

  /** It named the port of its DHT node (BEP 5): once is enough, as each time costs a datagram. */
  hearDhtPort(port: number, dht: DhtLink | null): void {
    if (dht === null || port === 0 || this.#remote.port === 0 || this.#hasNamedNode) return;
    this.#hasNamedNode = true;
    dht.addNode({ address: this.#remote.address, port });
  }

  hear(handshake: ExtensionHandshake): void {
    this.client = handshake.client ?? this.client;
    this.uploadOnly = handshake.uploadOnly ?? this.uploadOnly;
    this.prefersEncryption = handshake.prefersEncryption ?? this.prefersEncryption;
    // Port 0: a stream of WebRTC, whose address nobody may be told.
    if (this.#incoming && this.#remote.port !== 0 && handshake.listenPort !== undefined) {
      this.listensAt = { address: this.#remote.address, port: handshake.listenPort };
    }
    this.requestQueueLength = handshake.requestQueueLength ?? this.requestQueueLength;
  }
}
