import { formatIp, parseIp } from "./ip-address.ts";

/** An IP address and a TCP or UDP port. IPv6 addresses carry no brackets and no zone. */
export interface PeerEndpoint {
  readonly address: string;
  readonly port: number;
}

/** An address family by its IP version. */
export type AddressFamily = 4 | 6;

/** Bytes of a compact endpoint: the address, then the port, both big-endian (BEP 23, BEP 7). */
export function compactLengthBytes(family: AddressFamily): 6 | 18 {
  return family === 4 ? 6 : 18;
}

/**
 * Reads compact endpoints (BEP 23; BEP 7 for IPv6). Entries with port 0 cannot be connected to
 * and are left out, as is a rest shorter than an entry, which real trackers do send.
 * @param limit How many to return at most.
 */
export function decodeCompactEndpoints(
  bytes: Uint8Array,
  family: AddressFamily,
  limit: number,
): PeerEndpoint[] {
  const stride = compactLengthBytes(family);
  const endpoints: PeerEndpoint[] = [];
  for (let at = 0; at + stride <= bytes.length && endpoints.length < limit; at += stride) {
    const port = (bytes[at + stride - 2]! << 8) | bytes[at + stride - 1]!;
    if (port === 0) continue;
    endpoints.push({ address: formatIp(bytes, family === 4 ? 4 : 16, at), port });
  }
  return endpoints;
}

/**
 * Writes compact endpoints of one family; those of the other family are left out.
 * @throws {TypeError} when an address is not an IP address.
 * @throws {RangeError} when a port is not in 0..65535.
 */
export function encodeCompactEndpoints(
  endpoints: Iterable<PeerEndpoint>,
  family: AddressFamily,
): Uint8Array {
  const parts: number[] = [];
  for (const endpoint of endpoints) {
    const compact = encodeCompactEndpoint(endpoint);
    if (compact.length === compactLengthBytes(family)) parts.push(...compact);
  }
  return Uint8Array.from(parts);
}

/**
 * One endpoint, 6 bytes for IPv4 and 18 for IPv6.
 * @throws {TypeError} when the address is not an IP address.
 * @throws {RangeError} when the port is not in 0..65535.
 */
export function encodeCompactEndpoint(endpoint: PeerEndpoint): Uint8Array {
  const { address, port } = endpoint;
  const ip = parseIp(address);
  if (ip === null) throw new TypeError(`not an IP address: ${JSON.stringify(address)}`);
  if (!Number.isInteger(port) || port < 0 || port > 0xffff) {
    throw new RangeError(`not a port (0 to 65535): ${port}`);
  }
  const bytes = new Uint8Array(ip.length + 2);
  bytes.set(ip);
  bytes[ip.length] = port >>> 8;
  bytes[ip.length + 1] = port;
  return bytes;
}
