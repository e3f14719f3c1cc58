import { parseIp, parseIpv4 } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";

/**
 * Writes senders' addresses as compact endpoints, each time into the same bytes: a UDP tracker does
 * it for every datagram.
 * @returns A function whose answer is valid until it is next called, and null when the address is
 *   none that peers can use (an IPv6 address with a zone).
 */
export function createCompactEndpointWriter(): (from: Endpoint, port: number) => Uint8Array | null {
  const compact4 = new Uint8Array(6);
  const compact6 = new Uint8Array(18);

  return (from, port) => {
    const ipv4 = parseIpv4(from.address);
    if (ipv4 !== null) {
      compact4[0] = ipv4 >>> 24;
      compact4[1] = ipv4 >>> 16;
      compact4[2] = ipv4 >>> 8;
      compact4[3] = ipv4;
      compact4[4] = port >>> 8;
      compact4[5] = port;
      return compact4;
    }
    const ip = parseIp(from.address);
    if (ip === null) return null;
    const compact = ip.length === 4 ? compact4 : compact6;
    compact.set(ip);
    compact[ip.length] = port >>> 8;
    compact[ip.length + 1] = port;
    return compact;
  };
}
