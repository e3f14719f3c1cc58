import type { HostPort } from "./node-set.ts";

/**
 * Hosts that let anybody into the public DHT, run by the makers of libtorrent, of Transmission and of the first
 * DHT: those that qBittorrent ships with. A node of an earlier run does as well, and none of them is asked then.
 */
export const PUBLIC_BOOTSTRAP: readonly HostPort[] = [
  { host: "dht.libtorrent.org", port: 25_401 },
  { host: "dht.transmissionbt.com", port: 6881 },
  { host: "router.bittorrent.com", port: 6881 },
];
