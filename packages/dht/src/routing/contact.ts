import { isPublicAddress, parseIp, toHex } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";
import { isSecureId } from "../node-id/secure-id.ts";

/** A node as others tell of it, or as it tells of itself: nothing of it is proven. */
export interface NodeInfo extends Endpoint {
  /** 20 bytes. */
  readonly id: Uint8Array;
}

/** A node of the routing table: it answered at least once. */
export interface Contact extends NodeInfo {
  /** Its network, or null when its address is not public. */
  readonly block: string | null;
  /** Its ID belongs to its address (BEP 42). */
  readonly isSecure: boolean;
  /** When it last answered. */
  answeredMs: number;
  /** When it last queried us. */
  queriedMs: number;
  /** When it was last asked. */
  triedMs: number;
  /** Queries in a row that it did not answer. */
  failures: number;
}

export function createContact(node: NodeInfo, nowMs: number): Contact {
  return {
    // A copy: what came is a view of a whole datagram.
    id: node.id.slice(),
    address: node.address,
    port: node.port,
    block: networkBlock(node.address),
    isSecure: isSecureId(node.id, node.address),
    answeredMs: nowMs,
    queriedMs: -Infinity,
    triedMs: nowMs,
    failures: 0,
  };
}

/**
 * What only one node may stand at: an address when it is public, and otherwise an endpoint, as the
 * nodes behind a router or of a test share addresses.
 */
export function placeOf({ address, port }: Endpoint): string {
  return isPublicAddress(address) ? address : `${address} ${port}`;
}

/**
 * The network that a public address lies in, /24 or /64: who has one address of it may well have
 * all. Null for other addresses.
 */
export function networkBlock(address: string): string | null {
  if (!isPublicAddress(address)) return null;
  const ip = parseIp(address)!;
  return ip.length === 4 ? address.slice(0, address.lastIndexOf(".")) : toHex(ip.subarray(0, 8));
}
