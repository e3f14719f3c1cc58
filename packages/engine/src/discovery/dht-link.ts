import type { Endpoint } from "@shoal/runtime";

/** What peers are told of this side's DHT node, and it of theirs (BEP 5). */
export interface DhtLink {
  /** A peer has a node too. */
  addNode(endpoint: Endpoint): void;
}
