import type { BencodeDictionary } from "../bencode/bencode-dictionary.ts";
import { encodeBencode } from "../bencode/encode-bencode.ts";
import { badExtensionMessage, decodeExtensionDictionary } from "./extension-dictionary.ts";

/** The info dictionary goes over the wire in pieces of this length, the last one shorter. */
export const METADATA_PIECE_LENGTH_BYTES = 16 * 1024;

/** The longest info dictionary that is taken from peers: more than 2 million pieces need. */
export const MAX_METADATA_LENGTH_BYTES = 30 * 1024 * 1024;

const NAME = "ut_metadata";
const TYPE = { request: 0, data: 1, reject: 2 } as const;

/** A message of the extension `ut_metadata`. */
export type MetadataMessage =
  | { readonly type: "request" | "reject"; readonly piece: number }
  | {
      readonly type: "data";
      readonly piece: number;
      /** Length of the whole info dictionary. */
      readonly totalLengthBytes: number;
      /** The piece, of exactly the length that its place asks for. */
      readonly data: Uint8Array;
    }
  /** Of a type that BEP 9 does not define: to be ignored. */
  | { readonly type: "unknown" };

/** @see BEP 9 */
export function encodeMetadataRequest(piece: number): Uint8Array {
  return encodeBencode({ msg_type: TYPE.request, piece });
}

/**
 * One piece of the info dictionary.
 * @param metadata The whole of it.
 * @throws {RangeError} when it has no such piece.
 */
export function encodeMetadataData(piece: number, metadata: Uint8Array): Uint8Array {
  const start = piece * METADATA_PIECE_LENGTH_BYTES;
  if (!Number.isInteger(piece) || piece < 0 || start >= metadata.length) {
    throw new RangeError(`metadata of ${metadata.length} bytes has no piece ${piece}`);
  }
  const header = encodeBencode({ msg_type: TYPE.data, piece, total_size: metadata.length });
  return Buffer.concat([header, metadata.subarray(start, start + METADATA_PIECE_LENGTH_BYTES)]);
}

export function encodeMetadataReject(piece: number): Uint8Array {
  return encodeBencode({ msg_type: TYPE.reject, piece });
}

/**
 * Decodes a message of `ut_metadata`. `data` is a view of the payload.
 * @throws {PeerWireError} `bad-extension-message` when it is none, or when the data are not as
 * long as their place in the info dictionary asks for.
 */
export function decodeMetadataMessage(payload: Uint8Array): MetadataMessage {
  const { dictionary, rest } = decodeExtensionDictionary(NAME, payload);
  switch (dictionary.integer("msg_type")) {
    case TYPE.request:
      return { type: "request", piece: readPiece(dictionary) };
    case TYPE.reject:
      return { type: "reject", piece: readPiece(dictionary) };
    case TYPE.data:
      return readData(dictionary, rest, payload.length - rest.length);
    case undefined:
      throw badExtensionMessage(NAME, 0, "it has no msg_type");
    default:
      return { type: "unknown" };
  }
}

function readPiece(dictionary: BencodeDictionary): number {
  const piece = dictionary.integer("piece");
  if (piece === undefined || piece < 0) {
    throw badExtensionMessage(NAME, 0, `its piece is ${piece}; it must be 0 or more`);
  }
  return piece;
}

function readData(dictionary: BencodeDictionary, data: Uint8Array, at: number): MetadataMessage {
  const piece = readPiece(dictionary);
  const totalLengthBytes = dictionary.integer("total_size");
  if (
    totalLengthBytes === undefined ||
    totalLengthBytes < 1 ||
    totalLengthBytes > MAX_METADATA_LENGTH_BYTES
  ) {
    throw badExtensionMessage(
      NAME,
      0,
      `its total_size is ${totalLengthBytes}; it must be 1 to ${MAX_METADATA_LENGTH_BYTES}`,
    );
  }
  const left = totalLengthBytes - piece * METADATA_PIECE_LENGTH_BYTES;
  const expected = Math.max(0, Math.min(left, METADATA_PIECE_LENGTH_BYTES));
  if (expected === 0 || data.length !== expected) {
    throw badExtensionMessage(
      NAME,
      at,
      `piece ${piece} of ${totalLengthBytes} bytes has ${expected} bytes, but ${data.length} came`,
    );
  }
  return { type: "data", piece, totalLengthBytes, data };
}
