/** Bounds on what a decoder accepts. */
export interface BencodeLimits {
  /** Bytes of the whole value. */
  readonly lengthBytes: number;
  /** Lists and dictionaries inside one another. */
  readonly nesting: number;
  /** Values and keys together. Each costs about 100 bytes of memory, however short it is. */
  readonly tokens: number;
  /**
   * Accept dictionaries whose keys are out of order, as real torrents, trackers and peers send.
   * Hashes are then taken over the raw span, never over a re-encoding. Keys stay unique.
   */
  readonly allowUnsortedKeys: boolean;
}

const MIB = 1024 * 1024;

/** The bounds in use, by where the bytes come from. */
export const BENCODE_LIMITS = {
  /** A peer's or tracker's message. A full compact peer list is under 20 tokens. */
  message: { lengthBytes: MIB, nesting: 100, tokens: 100_000, allowUnsortedKeys: true },
  /** A DHT datagram (BEP 5). */
  dht: { lengthBytes: 65_535, nesting: 10, tokens: 500, allowUnsortedKeys: true },
  /** A torrent file: libtorrent's bounds. */
  torrent: { lengthBytes: 10 * MIB, nesting: 100, tokens: 3_000_000, allowUnsortedKeys: true },
  /** An info dictionary fetched from peers (BEP 9), already checked against its infohash. */
  metadata: { lengthBytes: 30 * MIB, nesting: 100, tokens: 3_000_000, allowUnsortedKeys: true },
} as const satisfies Record<string, BencodeLimits>;

/** What a decoder uses when told nothing: a message's bounds, and keys in canonical order. */
export const DEFAULT_BENCODE_LIMITS: BencodeLimits = {
  ...BENCODE_LIMITS.message,
  allowUnsortedKeys: false,
};
