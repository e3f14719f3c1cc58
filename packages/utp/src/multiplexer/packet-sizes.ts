import type { Endpoint } from "@shoal/runtime";

/** What a path may carry, in bytes of UDP payload. */
export interface PacketSizes {
  /** Believed to get through everywhere: where sending starts. */
  readonly safeBytes: number;
  /** The largest that is worth a try with anyone. */
  readonly highestBytes: number;
  /**
   * The largest with those who have shown that they take any size; as `highestBytes` when absent. libtorrent reads into
   * a small buffer and takes what fits for the whole packet: data would be lost in silence.
   */
  readonly agreedBytes?: number;
}

/** IPv6 promises packets of 1,280 bytes, and no IPv4 path in use carries less; 48 go to the headers. */
const SAFE_BYTES = 1232;
/** Ethernet's 1,500 less the headers of IP and UDP. Larger ones would be cut into fragments on the way. */
const ETHERNET_IPV4_BYTES = 1472;
const ETHERNET_IPV6_BYTES = 1452;
/** Packets never leave the machine: as large as its usual socket buffers hold a dozen of. */
export const LOOPBACK_BYTES = 16_384;

export function packetSizesFor({ address }: Endpoint): PacketSizes {
  const isIpv6 = address.includes(":");
  const highestBytes = isIpv6 ? ETHERNET_IPV6_BYTES : ETHERNET_IPV4_BYTES;
  if (address === "::1" || (!isIpv6 && address.startsWith("127."))) {
    return { safeBytes: SAFE_BYTES, highestBytes, agreedBytes: LOOPBACK_BYTES };
  }
  return { safeBytes: SAFE_BYTES, highestBytes };
}
