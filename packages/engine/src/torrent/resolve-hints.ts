import type { Dns, Endpoint } from "@shoal/runtime";
import { isMetainfo, type TorrentSource } from "./source.ts";

/** A web page can make a browser hand over a link with thousands, and each may cost a name look-up. */
const MAX_HINTED_PEERS = 50;

/** Finds the peers that a magnet link names (`x.pe`). Those that have no address are passed over. */
export function resolveHints(
  source: TorrentSource,
  dns: Dns,
  signal: AbortSignal,
  onPeers: (peers: readonly Endpoint[]) => void,
): void {
  if (isMetainfo(source)) return;
  for (const { host, port } of source.peers.slice(0, MAX_HINTED_PEERS)) {
    dns.resolve(host, { signal }).then(
      (addresses) => onPeers(addresses.map((address) => ({ address, port }))),
      () => {},
    );
  }
}
