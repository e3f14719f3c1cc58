import { MseError } from "../errors.ts";
import { createMseCiphers, maskInfoHash, syncHash } from "./handshake-hashes.ts";
import {
  createMseKeyPair,
  MSE_KEY_LENGTH_BYTES,
  MSE_PRIVATE_KEY_LENGTH_BYTES,
} from "./key-exchange.ts";
import {
  createPadding,
  CRYPTO_BITS,
  MseExchange,
  runMseCourse,
  skipPadding,
  streamCiphers,
  uint16,
  uint32,
  VERIFICATION_LENGTH_BYTES,
} from "./mse-handshake.ts";
import type { MseCourse, MseCrypto, MseHandshake } from "./mse-handshake.ts";

const HASH_LENGTH_BYTES = 20;

export interface MseResponderOptions {
  /**
   * The infohash behind `obfuscatedInfoHash`'s answer, or null when no torrent here has it. A map
   * keeps this cheap however many torrents there are.
   */
  readonly findInfoHash: (obfuscated: Uint8Array) => Uint8Array | null;
  /** What is taken, the most wanted first, at least one. */
  readonly accept: readonly MseCrypto[];
  readonly randomBytes: (lengthBytes: number) => Uint8Array;
}

/**
 * The side of an encrypted connection that was called. `looksLikeHandshake` tells by the first 20
 * bytes whether a connection is a plain one; all bytes of one that is not go in here.
 * @throws {RangeError} when nothing is accepted.
 * @see Message Stream Encryption, version 1.0
 */
export function createMseResponder(options: MseResponderOptions): MseHandshake {
  if (options.accept.length === 0) {
    throw new RangeError("an MSE responder accepts at least one crypto");
  }
  const exchange = new MseExchange();
  return runMseCourse(exchange, respond(exchange, options));
}

function* respond(exchange: MseExchange, options: MseResponderOptions): MseCourse {
  const { findInfoHash, accept, randomBytes } = options;
  const theirKey = yield* exchange.read(MSE_KEY_LENGTH_BYTES);
  const keys = createMseKeyPair(randomBytes(MSE_PRIVATE_KEY_LENGTH_BYTES));
  const secret = keys.computeSecret(theirKey);
  exchange.send(keys.publicKey, createPadding(randomBytes));

  yield* exchange.skipPast(syncHash(secret));
  const masked = yield* exchange.read(HASH_LENGTH_BYTES);
  const infoHash = findInfoHash(maskInfoHash(masked, secret));
  if (infoHash === null) {
    throw new MseError("unknown-torrent", exchange.offset, "no torrent here has that infohash");
  }

  const { fromInitiator, fromResponder } = createMseCiphers(secret, infoHash);
  const verification = yield* exchange.read(VERIFICATION_LENGTH_BYTES, fromInitiator);
  if (verification.some((byte) => byte !== 0)) {
    throw new MseError(
      "bad-check",
      exchange.offset,
      "the verification constant did not decipher to zeros: the two sides hold different keys",
    );
  }
  const provided = (yield* exchange.read(4, fromInitiator)).readUInt32BE();
  const crypto = accept.find((candidate) => (provided & CRYPTO_BITS[candidate]) !== 0);
  if (crypto === undefined) {
    throw new MseError(
      "no-common-crypto",
      exchange.offset,
      `the initiator offers crypto bits ${provided}, none of which is accepted (${accept.join(", ")})`,
    );
  }
  yield* skipPadding(exchange, fromInitiator);
  const payloadLengthBytes = (yield* exchange.read(2, fromInitiator)).readUInt16BE();
  const initialPayload = yield* exchange.read(payloadLengthBytes, fromInitiator);

  const padding = createPadding(randomBytes);
  const answer = Buffer.concat([
    new Uint8Array(VERIFICATION_LENGTH_BYTES),
    uint32(CRYPTO_BITS[crypto]),
    uint16(padding.length),
    padding,
  ]);
  fromResponder(answer);
  exchange.send(answer);
  return { ...streamCiphers(crypto, fromResponder, fromInitiator), infoHash, initialPayload };
}
