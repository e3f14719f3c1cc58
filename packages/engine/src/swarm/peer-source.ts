/** Where an address came from. `magnet`: the link itself named it (`x.pe`). */
export type PeerSource =
  | "user"
  | "magnet"
  | "incoming"
  | "lsd"
  | "tracker"
  | "pex"
  | "dht"
  | "resume";

/** Lower places are tried first among addresses of equal standing. */
export const SOURCE_ORDER: Readonly<Record<PeerSource, number>> = {
  user: 0,
  magnet: 1,
  lsd: 1,
  tracker: 2,
  resume: 2,
  pex: 3,
  dht: 3,
  incoming: 4,
};

/**
 * Most addresses of one source that are kept, of 4,000: what strangers may name without end must
 * leave room for the others.
 */
export const SOURCE_SHARES: Readonly<Partial<Record<PeerSource, number>>> = {
  pex: 1500,
  dht: 1500,
  lsd: 500,
  incoming: 1000,
};

/** Whether a private torrent may use an address of this source: its trackers' and its user's (BEP 27). */
export function isPrivateSource(source: PeerSource): boolean {
  return source === "tracker" || source === "user" || source === "incoming";
}
