import { createPrivateKey, createPublicKey, hash, sign, verify } from "node:crypto";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { MAX_SALT_BYTES } from "./krpc-message.ts";

/** What comes before the 32 bytes of an Ed25519 key in DER: private (RFC 8410, PKCS #8) and public (SPKI). */
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** Length of an Ed25519 seed and of a public key. */
export const ITEM_KEY_LENGTH_BYTES = 32;

/** Where an immutable item lies: SHA-1 of its bencoded value (BEP 44). */
export function immutableTarget(value: Uint8Array): Uint8Array {
  return new Uint8Array(hash("sha1", value, "buffer"));
}

/** Where a mutable item lies: SHA-1 of its public key and its salt (BEP 44). */
export function mutableTarget(
  publicKey: Uint8Array,
  salt: Uint8Array = new Uint8Array(0),
): Uint8Array {
  return new Uint8Array(hash("sha1", concatBytes([publicKey, salt]), "buffer"));
}

/**
 * What the signature of a mutable item is over: salt, sequence number and value, each in bencode.
 * @param value Bencoded.
 * @throws {RangeError} when the salt is longer than 64 bytes.
 * @see BEP 44, `Signature Verification`
 */
export function signedItemBytes(salt: Uint8Array, seq: bigint, value: Uint8Array): Uint8Array {
  if (salt.length > MAX_SALT_BYTES) {
    throw new RangeError(`Expected a salt of at most ${MAX_SALT_BYTES} bytes, got ${salt.length}`);
  }
  const saltPart = salt.length === 0 ? [] : [Buffer.from(`4:salt${salt.length}:`, "latin1"), salt];
  return concatBytes([...saltPart, Buffer.from(`3:seqi${seq}e1:v`, "latin1"), value]);
}

/**
 * The public key of a private one.
 * @param seed 32 bytes, as RFC 8032 has a private key.
 */
export function itemPublicKey(seed: Uint8Array): Uint8Array {
  const der = createPublicKey(privateKey(seed)).export({ format: "der", type: "spki" });
  return new Uint8Array(der.subarray(PUBLIC_PREFIX.length));
}

/** Signs a mutable item: 64 bytes of Ed25519. */
export function signItem(
  seed: Uint8Array,
  item: { readonly salt: Uint8Array; readonly seq: bigint; readonly value: Uint8Array },
): Uint8Array {
  const bytes = signedItemBytes(item.salt, item.seq, item.value);
  return new Uint8Array(sign(null, bytes, privateKey(seed)));
}

/** Whether the owner of the public key signed the item. */
export function verifyItem(item: {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
  readonly salt: Uint8Array;
  readonly seq: bigint;
  readonly value: Uint8Array;
}): boolean {
  if (item.publicKey.length !== ITEM_KEY_LENGTH_BYTES || item.salt.length > MAX_SALT_BYTES) {
    return false;
  }
  const der = Buffer.concat([PUBLIC_PREFIX, item.publicKey]);
  try {
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    return verify(null, signedItemBytes(item.salt, item.seq, item.value), key, item.signature);
  } catch {
    // OpenSSL refuses bytes that are no point of the curve.
    return false;
  }
}

function privateKey(seed: Uint8Array) {
  if (seed.length !== ITEM_KEY_LENGTH_BYTES) {
    throw new RangeError(`Expected ${ITEM_KEY_LENGTH_BYTES} bytes of a key, got ${seed.length}`);
  }
  const key = Buffer.concat([PRIVATE_PREFIX, seed]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}
