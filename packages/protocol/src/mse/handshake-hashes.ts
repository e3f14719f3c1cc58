import { createHash } from "node:crypto";
import { createRc4 } from "./rc4.ts";
import type { StreamCipher } from "./rc4.ts";

/** RC4's first bytes betray the key; MSE throws this many away. */
const DISCARD_BYTES = 1024;

/**
 * What stands for an infohash in an encrypted handshake: a responder with many torrents keeps a
 * map from this to the torrent.
 * @param infoHash 20 bytes: of v1 whole, of v2 the first 20 of 32.
 * @returns SHA-1 of "req2" and the infohash, 20 bytes.
 */
export function obfuscatedInfoHash(infoHash: Uint8Array): Uint8Array {
  return sha1("req2", infoHash);
}

/** Where the initiator's third message begins: what the responder looks for behind the padding. */
export function syncHash(secret: Uint8Array): Uint8Array {
  return sha1("req1", secret);
}

/** Hides the obfuscated infohash, or brings it back: the two are one. */
export function maskInfoHash(obfuscated: Uint8Array, secret: Uint8Array): Uint8Array {
  const mask = sha1("req3", secret);
  return mask.map((byte, at) => byte ^ obfuscated[at]!);
}

/** The two streams' ciphers, ready at the first byte that is sent under them. */
export function createMseCiphers(
  secret: Uint8Array,
  infoHash: Uint8Array,
): { fromInitiator: StreamCipher; fromResponder: StreamCipher } {
  return {
    fromInitiator: createRc4(sha1("keyA", secret, infoHash), DISCARD_BYTES),
    fromResponder: createRc4(sha1("keyB", secret, infoHash), DISCARD_BYTES),
  };
}

function sha1(label: string, ...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha1").update(label);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
