import { MseError } from "../errors.ts";
import {
  createMseCiphers,
  maskInfoHash,
  obfuscatedInfoHash,
  syncHash,
} from "./handshake-hashes.ts";
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

export interface MseInitiatorOptions {
  /** 20 bytes: of v1 whole, of v2 the first 20 of 32. */
  readonly infoHash: Uint8Array;
  /** What the responder may choose from, at least one. */
  readonly offer: readonly MseCrypto[];
  readonly randomBytes: (lengthBytes: number) => Uint8Array;
  /** Sent along, enciphered in any case, which saves a round trip: the plain handshake. At most 65535 bytes. */
  readonly initialPayload?: Uint8Array;
}

/**
 * The side of an encrypted connection that opened it.
 * @throws {RangeError} when the offer is empty, or the infohash or the payload has a wrong length.
 * @see Message Stream Encryption, version 1.0
 */
export function createMseInitiator(options: MseInitiatorOptions): MseHandshake {
  const { infoHash, offer, initialPayload = new Uint8Array(0) } = options;
  if (offer.length === 0) throw new RangeError("an MSE initiator offers at least one crypto");
  if (infoHash.length !== 20) {
    throw new RangeError(`MSE takes an infohash of 20 bytes, not of ${infoHash.length}`);
  }
  if (initialPayload.length > 0xffff) {
    throw new RangeError(
      `an initial payload has at most 65535 bytes, not ${initialPayload.length}`,
    );
  }
  const exchange = new MseExchange();
  return runMseCourse(exchange, initiate(exchange, { ...options, initialPayload }));
}

function* initiate(exchange: MseExchange, options: Required<MseInitiatorOptions>): MseCourse {
  const { infoHash, offer, randomBytes, initialPayload } = options;
  const keys = createMseKeyPair(randomBytes(MSE_PRIVATE_KEY_LENGTH_BYTES));
  exchange.send(keys.publicKey, createPadding(randomBytes));

  const secret = keys.computeSecret(yield* exchange.read(MSE_KEY_LENGTH_BYTES));
  const { fromInitiator, fromResponder } = createMseCiphers(secret, infoHash);
  const padding = createPadding(randomBytes);
  const enciphered = Buffer.concat([
    new Uint8Array(VERIFICATION_LENGTH_BYTES),
    uint32(offer.reduce((bits, crypto) => bits | CRYPTO_BITS[crypto], 0)),
    uint16(padding.length),
    padding,
    uint16(initialPayload.length),
    initialPayload,
  ]);
  fromInitiator(enciphered);
  exchange.send(syncHash(secret), maskInfoHash(obfuscatedInfoHash(infoHash), secret), enciphered);

  const verification = new Uint8Array(VERIFICATION_LENGTH_BYTES);
  fromResponder(verification);
  yield* exchange.skipPast(verification);
  const selected = (yield* exchange.read(4, fromResponder)).readUInt32BE();
  const crypto = offer.find((candidate) => CRYPTO_BITS[candidate] === selected);
  if (crypto === undefined) {
    throw new MseError(
      "no-common-crypto",
      exchange.offset,
      `the responder chose crypto ${selected}, which was not offered (${offer.join(", ")})`,
    );
  }
  yield* skipPadding(exchange, fromResponder);
  return {
    ...streamCiphers(crypto, fromInitiator, fromResponder),
    infoHash,
    initialPayload: new Uint8Array(0),
  };
}
