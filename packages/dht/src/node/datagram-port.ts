import type { Endpoint } from "@shoal/runtime";

/**
 * The way out for a node's datagrams: a UDP socket, or the part of one that is shared with uTP and UDP
 * trackers. What comes in is handed to `DhtNode.receive`.
 */
export interface DatagramPort {
  /** Where the node listens. A public address is taken as its own until others see another one. */
  readonly local: Endpoint;
  /** Sends one datagram, or drops it. The memory may be used again at once. */
  send(bytes: Uint8Array, to: Endpoint): void;
}
