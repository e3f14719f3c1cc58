import { MESSAGE, PIECE_HEADER_LENGTH_BYTES, REQUEST_LENGTH_BYTES } from "./message.ts";
import type { BlockRange, HashRange } from "./message.ts";

/**
 * Encoders of the peer wire messages. Each returns a fresh array with the whole message, its
 * four bytes of length included. Numbers are taken modulo their width: a caller passes indices
 * that it checked before.
 * @see BEP 3, BEP 6, BEP 10, BEP 52
 */

type Bytes = Uint8Array<ArrayBuffer>;

const LENGTH_AND_ID_BYTES = 5;
const HASH_RANGE_BYTES = 48;
const HASH_LENGTH_BYTES = 32;

export function encodeKeepAlive(): Bytes {
  return new Uint8Array(4);
}

export function encodeChoke(): Bytes {
  return message(MESSAGE.choke, 0);
}

export function encodeUnchoke(): Bytes {
  return message(MESSAGE.unchoke, 0);
}

export function encodeInterested(): Bytes {
  return message(MESSAGE.interested, 0);
}

export function encodeNotInterested(): Bytes {
  return message(MESSAGE.notInterested, 0);
}

export function encodeHave(piece: number): Bytes {
  return pieceMessage(MESSAGE.have, piece);
}

/** Writes a whole `have` message, {@link HAVE_LENGTH_BYTES} long, at `at`. Allocates nothing. */
export function writeHave(bytes: Uint8Array, at: number, piece: number): void {
  writeUint32(bytes, at, 5);
  bytes[at + 4] = MESSAGE.have;
  writeUint32(bytes, at + 5, piece);
}

/** @param bits One bit a piece, most significant first, spare bits zero: `Bitfield.bytes`. */
export function encodeBitfield(bits: Uint8Array): Bytes {
  return payloadMessage(MESSAGE.bitfield, bits);
}

export function encodeRequest(piece: number, begin: number, lengthBytes: number): Bytes {
  const bytes = new Uint8Array(REQUEST_LENGTH_BYTES);
  writeRequest(bytes, 0, piece, begin, lengthBytes);
  return bytes;
}

export function encodeCancel(piece: number, begin: number, lengthBytes: number): Bytes {
  return blockMessage(MESSAGE.cancel, { piece, begin, lengthBytes });
}

/** Tells a peer the UDP port of the DHT node (BEP 5). */
export function encodePort(port: number): Bytes {
  const bytes = message(MESSAGE.port, 2);
  bytes[5] = port >>> 8;
  bytes[6] = port;
  return bytes;
}

export function encodeSuggest(piece: number): Bytes {
  return pieceMessage(MESSAGE.suggest, piece);
}

export function encodeHaveAll(): Bytes {
  return message(MESSAGE.haveAll, 0);
}

export function encodeHaveNone(): Bytes {
  return message(MESSAGE.haveNone, 0);
}

export function encodeReject(piece: number, begin: number, lengthBytes: number): Bytes {
  return blockMessage(MESSAGE.reject, { piece, begin, lengthBytes });
}

export function encodeAllowedFast(piece: number): Bytes {
  return pieceMessage(MESSAGE.allowedFast, piece);
}

/**
 * @param id 0 for the extension handshake, else the id that the receiver gave the extension.
 * @throws {RangeError} when `id` is not a byte: the receiver named no such id.
 */
export function encodeExtended(id: number, payload: Uint8Array): Bytes {
  if (!Number.isInteger(id) || id < 0 || id > 255) {
    throw new RangeError(`an extension's id is a byte, 0 to 255, not ${id}`);
  }
  const bytes = message(MESSAGE.extended, 1 + payload.length);
  bytes[LENGTH_AND_ID_BYTES] = id;
  bytes.set(payload, LENGTH_AND_ID_BYTES + 1);
  return bytes;
}

export function encodeHashRequest(range: HashRange): Bytes {
  return hashMessage(MESSAGE.hashRequest, range, 0);
}

/**
 * @param hashes `range.count` hashes of the base layer, then the uncle hashes, lowest layer
 * first; 32 bytes each, concatenated.
 */
export function encodeHashes(range: HashRange, hashes: Uint8Array): Bytes {
  if (hashes.length % HASH_LENGTH_BYTES !== 0) {
    throw new RangeError(`hashes are 32 bytes each, but ${hashes.length} bytes were given`);
  }
  const bytes = hashMessage(MESSAGE.hashes, range, hashes.length);
  bytes.set(hashes, LENGTH_AND_ID_BYTES + HASH_RANGE_BYTES);
  return bytes;
}

export function encodeHashReject(range: HashRange): Bytes {
  return hashMessage(MESSAGE.hashReject, range, 0);
}

/** Writes a whole `request` message, {@link REQUEST_LENGTH_BYTES} long, at `at`. Allocates nothing. */
export function writeRequest(
  bytes: Uint8Array,
  at: number,
  piece: number,
  begin: number,
  lengthBytes: number,
): void {
  writeUint32(bytes, at, 13);
  bytes[at + 4] = MESSAGE.request;
  writeUint32(bytes, at + 5, piece);
  writeUint32(bytes, at + 9, begin);
  writeUint32(bytes, at + 13, lengthBytes);
}

/**
 * Writes what stands before the block in a `piece` message, {@link PIECE_HEADER_LENGTH_BYTES}
 * long, at `at`; the block itself follows in the caller's memory. Allocates nothing.
 */
export function writePieceHeader(
  bytes: Uint8Array,
  at: number,
  piece: number,
  begin: number,
  blockLengthBytes: number,
): void {
  writeUint32(bytes, at, PIECE_HEADER_LENGTH_BYTES - 4 + blockLengthBytes);
  bytes[at + 4] = MESSAGE.piece;
  writeUint32(bytes, at + 5, piece);
  writeUint32(bytes, at + 9, begin);
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function message(id: number, payloadLengthBytes: number): Bytes {
  const bytes = new Uint8Array(LENGTH_AND_ID_BYTES + payloadLengthBytes);
  writeUint32(bytes, 0, 1 + payloadLengthBytes);
  bytes[4] = id;
  return bytes;
}

function payloadMessage(id: number, payload: Uint8Array): Bytes {
  const bytes = message(id, payload.length);
  bytes.set(payload, LENGTH_AND_ID_BYTES);
  return bytes;
}

function pieceMessage(id: number, piece: number): Bytes {
  const bytes = message(id, 4);
  writeUint32(bytes, 5, piece);
  return bytes;
}

function blockMessage(id: number, range: BlockRange): Bytes {
  const bytes = message(id, 12);
  writeUint32(bytes, 5, range.piece);
  writeUint32(bytes, 9, range.begin);
  writeUint32(bytes, 13, range.lengthBytes);
  return bytes;
}

function hashMessage(id: number, range: HashRange, hashesLengthBytes: number): Bytes {
  if (range.piecesRoot.length !== HASH_LENGTH_BYTES) {
    throw new RangeError(`a pieces root is 32 bytes, not ${range.piecesRoot.length}`);
  }
  const bytes = message(id, HASH_RANGE_BYTES + hashesLengthBytes);
  bytes.set(range.piecesRoot, 5);
  writeUint32(bytes, 37, range.baseLayer);
  writeUint32(bytes, 41, range.index);
  writeUint32(bytes, 45, range.count);
  writeUint32(bytes, 49, range.proofLayers);
  return bytes;
}
