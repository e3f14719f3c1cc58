import { PeerWireError } from "../errors.ts";

/** Length of a whole handshake. */
export const HANDSHAKE_LENGTH_BYTES = 68;

/** How much of a handshake {@link looksLikeHandshake} needs. */
export const HANDSHAKE_PREFIX_LENGTH_BYTES = 20;

const PREFIX = new TextEncoder().encode("\x13BitTorrent protocol");
const RESERVED_AT = 20;
const INFO_HASH_AT = 28;
const PEER_ID_AT = 48;
const ID_LENGTH_BYTES = 20;

/** What a peer speaks, as the handshake's reserved bits say. */
export interface HandshakeFlags {
  /** BEP 6: fast extension. */
  readonly fast: boolean;
  /** BEP 10: extension protocol. */
  readonly extended: boolean;
  /** BEP 5: it runs a DHT node. */
  readonly dht: boolean;
  /** BEP 52: it can go over to v2 when both sides hold a hybrid torrent and the v1 infohash was used. */
  readonly v2: boolean;
}

/** Flag, byte of the eight reserved ones, bit. */
const FLAG_BITS = [
  ["extended", 5, 0x10],
  ["dht", 7, 0x01],
  ["fast", 7, 0x04],
  ["v2", 7, 0x10],
] as const;

export interface Handshake extends HandshakeFlags {
  /** 20 bytes: of v1 whole, of v2 the first 20 of 32. */
  readonly infoHash: Uint8Array<ArrayBuffer>;
  /** 20 bytes. */
  readonly peerId: Uint8Array<ArrayBuffer>;
}

/**
 * The 68 bytes that open a connection.
 * @param handshake Flags that are absent count as false.
 * @throws {RangeError} when `infoHash` or `peerId` is not 20 bytes long.
 * @see BEP 3, peer protocol
 */
export function encodeHandshake(
  handshake: { infoHash: Uint8Array; peerId: Uint8Array } & Partial<HandshakeFlags>,
): Uint8Array<ArrayBuffer> {
  const { infoHash, peerId } = handshake;
  if (infoHash.length !== ID_LENGTH_BYTES || peerId.length !== ID_LENGTH_BYTES) {
    throw new RangeError(
      `a handshake takes an infohash and a peer ID of 20 bytes, not of ${infoHash.length} and ${peerId.length}`,
    );
  }
  const bytes = new Uint8Array(HANDSHAKE_LENGTH_BYTES);
  bytes.set(PREFIX);
  for (const [flag, byte, bit] of FLAG_BITS) {
    if (handshake[flag]) bytes[RESERVED_AT + byte]! |= bit;
  }
  bytes.set(infoHash, INFO_HASH_AT);
  bytes.set(peerId, PEER_ID_AT);
  return bytes;
}

/**
 * Decodes a handshake. Reserved bits that are not known are ignored.
 * @param bytes The first 68 bytes of a connection; the result holds copies.
 * @throws {PeerWireError} `bad-handshake` when there are not exactly 68 bytes, or the first 20
 * are not those of the protocol.
 */
export function decodeHandshake(bytes: Uint8Array): Handshake {
  if (bytes.length !== HANDSHAKE_LENGTH_BYTES) {
    throw new PeerWireError(
      "bad-handshake",
      bytes.length,
      `a handshake has ${HANDSHAKE_LENGTH_BYTES} bytes, not ${bytes.length}`,
    );
  }
  if (!looksLikeHandshake(bytes)) {
    throw new PeerWireError(
      "bad-handshake",
      0,
      'the connection does not open with "\\x13BitTorrent protocol"; it may be encrypted',
    );
  }
  const flags = { fast: false, extended: false, dht: false, v2: false };
  for (const [flag, byte, bit] of FLAG_BITS) {
    flags[flag] = (bytes[RESERVED_AT + byte]! & bit) !== 0;
  }
  return {
    ...flags,
    infoHash: new Uint8Array(bytes.subarray(INFO_HASH_AT, PEER_ID_AT)),
    peerId: new Uint8Array(bytes.subarray(PEER_ID_AT)),
  };
}

/**
 * Tells a plain connection from an encrypted one (MSE) by its first 20 bytes. An MSE key looks
 * like these 20 bytes by chance once in 2^160.
 * @param bytes At least 20 bytes; with fewer the answer is false.
 */
export function looksLikeHandshake(bytes: Uint8Array): boolean {
  return PREFIX.every((byte, at) => bytes[at] === byte);
}
