import { compactLengthBytes, encodeCompactEndpoint } from "../endpoint/compact-endpoints.ts";
import type { AddressFamily, PeerEndpoint } from "../endpoint/compact-endpoints.ts";
import { formatIp } from "../endpoint/ip-address.ts";

const ID_BYTES = 20;

/** A DHT node as others tell of it. */
export interface CompactNode extends PeerEndpoint {
  /** 20 bytes. */
  readonly id: Uint8Array;
}

/**
 * Reads compact node infos: an ID, then a compact endpoint (BEP 5; BEP 32 for IPv6). Entries with
 * port 0 and a rest shorter than an entry are left out. IDs are views of `bytes`.
 * @param limit How many to return at most.
 */
export function decodeCompactNodes(
  bytes: Uint8Array,
  family: AddressFamily,
  limit: number,
): CompactNode[] {
  const stride = ID_BYTES + compactLengthBytes(family);
  const nodes: CompactNode[] = [];
  for (let at = 0; at + stride <= bytes.length && nodes.length < limit; at += stride) {
    const port = (bytes[at + stride - 2]! << 8) | bytes[at + stride - 1]!;
    if (port === 0) continue;
    const address = formatIp(bytes, family === 4 ? 4 : 16, at + ID_BYTES);
    nodes.push({ id: bytes.subarray(at, at + ID_BYTES), address, port });
  }
  return nodes;
}

/**
 * Writes compact node infos of one family.
 * @throws {TypeError} when an address is none of that family.
 * @throws {RangeError} when an ID is not 20 bytes long, or a port is not in 0..65535.
 */
export function encodeCompactNodes(
  nodes: readonly CompactNode[],
  family: AddressFamily,
): Uint8Array {
  const stride = ID_BYTES + compactLengthBytes(family);
  const bytes = new Uint8Array(stride * nodes.length);
  for (const [index, node] of nodes.entries()) {
    if (node.id.length !== ID_BYTES) throw new RangeError(`not a node ID: ${node.id.length} bytes`);
    const endpoint = encodeCompactEndpoint(node);
    if (endpoint.length !== stride - ID_BYTES) {
      throw new TypeError(`not an IPv${family} address: ${node.address}`);
    }
    bytes.set(node.id, index * stride);
    bytes.set(endpoint, index * stride + ID_BYTES);
  }
  return bytes;
}
