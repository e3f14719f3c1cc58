import { PeerWireError } from "../errors.ts";
import { MESSAGE } from "./message.ts";
import type { BlockRange, HashRange, PeerMessage } from "./message.ts";

const HASH_RANGE_BYTES = 48;
const HASH_LENGTH_BYTES = 32;

/**
 * Decodes a peer wire message. Byte arrays in the result are views of `payload`: copy what
 * must outlive it. An id that no BEP defines gives `unknown`, which a peer may ignore.
 * @param id The byte after the length; never `piece`, whose block is read as a stream.
 * @param payload What follows the id.
 * @throws {PeerWireError} `bad-length` when the payload is not as long as its message is;
 * `bad-hashes` when a `hashes` message holds fewer hashes than it announces, or more than a proof can need.
 * @throws {TypeError} when `id` is `MESSAGE.piece`.
 * @see BEP 3, BEP 5, BEP 6, BEP 10, BEP 52
 */
export function decodeMessage(id: number, payload: Uint8Array): PeerMessage {
  switch (id) {
    case MESSAGE.choke:
      return bare("choke", payload);
    case MESSAGE.unchoke:
      return bare("unchoke", payload);
    case MESSAGE.interested:
      return bare("interested", payload);
    case MESSAGE.notInterested:
      return bare("notInterested", payload);
    case MESSAGE.haveAll:
      return bare("haveAll", payload);
    case MESSAGE.haveNone:
      return bare("haveNone", payload);
    case MESSAGE.have:
      return { type: "have", piece: readPiece("have", payload) };
    case MESSAGE.suggest:
      return { type: "suggest", piece: readPiece("suggest", payload) };
    case MESSAGE.allowedFast:
      return { type: "allowedFast", piece: readPiece("allowedFast", payload) };
    case MESSAGE.bitfield:
      return { type: "bitfield", bytes: payload };
    case MESSAGE.request:
      return { type: "request", ...readBlockRange("request", payload) };
    case MESSAGE.cancel:
      return { type: "cancel", ...readBlockRange("cancel", payload) };
    case MESSAGE.reject:
      return { type: "reject", ...readBlockRange("reject", payload) };
    case MESSAGE.port:
      requireLength("port", payload, 2);
      return { type: "port", port: (payload[0]! << 8) | payload[1]! };
    case MESSAGE.extended:
      if (payload.length === 0) throw wrongLength("extended", "at least 1 byte", payload);
      return { type: "extended", id: payload[0]!, payload: payload.subarray(1) };
    case MESSAGE.hashRequest:
      requireLength("hashRequest", payload, HASH_RANGE_BYTES);
      return { type: "hashRequest", ...readHashRange(payload) };
    case MESSAGE.hashReject:
      requireLength("hashReject", payload, HASH_RANGE_BYTES);
      return { type: "hashReject", ...readHashRange(payload) };
    case MESSAGE.hashes:
      return decodeHashes(payload);
    case MESSAGE.piece:
      throw new TypeError("a piece message is read as a stream and never decoded whole");
    default:
      return { type: "unknown", id };
  }
}

function bare<Type extends string>(type: Type, payload: Uint8Array): { readonly type: Type } {
  requireLength(type, payload, 0);
  return { type };
}

function readPiece(type: string, payload: Uint8Array): number {
  requireLength(type, payload, 4);
  return readUint32(payload, 0);
}

function readBlockRange(type: string, payload: Uint8Array): BlockRange {
  requireLength(type, payload, 12);
  return {
    piece: readUint32(payload, 0),
    begin: readUint32(payload, 4),
    lengthBytes: readUint32(payload, 8),
  };
}

function readHashRange(payload: Uint8Array): HashRange {
  return {
    piecesRoot: payload.subarray(0, HASH_LENGTH_BYTES),
    baseLayer: readUint32(payload, 32),
    index: readUint32(payload, 36),
    count: readUint32(payload, 40),
    proofLayers: readUint32(payload, 44),
  };
}

function decodeHashes(payload: Uint8Array): PeerMessage {
  const hashesBytes = payload.length - HASH_RANGE_BYTES;
  if (hashesBytes < 0 || hashesBytes % HASH_LENGTH_BYTES !== 0) {
    throw wrongLength("hashes", "48 bytes and 32 for each hash", payload);
  }
  const range = readHashRange(payload);
  const hashCount = hashesBytes / HASH_LENGTH_BYTES;
  // The uncles of the lowest layers follow from the hashes asked for, so that fewer than
  // `proofLayers` may come, never more.
  if (hashCount < range.count || hashCount - range.count > range.proofLayers) {
    throw new PeerWireError(
      "bad-hashes",
      HASH_RANGE_BYTES,
      `a hashes message came with ${hashCount} hashes; it must have the ${range.count} asked for ` +
        `and at most ${range.proofLayers} of the proof`,
    );
  }
  return { type: "hashes", ...range, hashes: payload.subarray(HASH_RANGE_BYTES) };
}

function readUint32(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 0x1000000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
}

function requireLength(type: string, payload: Uint8Array, lengthBytes: number): void {
  if (payload.length !== lengthBytes) throw wrongLength(type, `${lengthBytes} bytes`, payload);
}

function wrongLength(type: string, expected: string, payload: Uint8Array): PeerWireError {
  return new PeerWireError(
    "bad-length",
    payload.length,
    `the payload of a message of type ${type} has ${payload.length} bytes; it must have ${expected}`,
  );
}
