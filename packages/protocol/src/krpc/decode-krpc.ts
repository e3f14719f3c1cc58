import type { BencodeDictionary } from "../bencode/bencode-dictionary.ts";
import { BencodeDictionary as Dictionary } from "../bencode/bencode-dictionary.ts";
import { BENCODE_LIMITS } from "../bencode/bencode-limits.ts";
import { decodeBencode } from "../bencode/decode-bencode.ts";
import { KrpcError } from "../errors.ts";
import { decodeFailure, decodeResponse } from "./decode-answer.ts";
import { decodeRequest } from "./decode-request.ts";
import { type KrpcMessage, NODE_ID_LENGTH_BYTES } from "./krpc-message.ts";

/** Longer ones are refused: they are echoed. Clients use two to eight bytes. */
const MAX_TRANSACTION_ID_BYTES = 32;

/**
 * Reads a datagram of the DHT. Byte arrays in the result are views of `bytes`.
 * @throws {BencodeError} when it is no bencode, nests deeper than 10 or holds more than 500 values.
 * @throws {KrpcError} when it is bencode but no message that can be used.
 * @see BEP 5, 32, 33, 42, 43, 44, 51
 */
export function decodeKrpc(bytes: Uint8Array): KrpcMessage {
  const message = decodeBencode(bytes, BENCODE_LIMITS.dht);
  if (!(message instanceof Dictionary)) {
    throw new KrpcError("not-krpc", "", null, "Expected a dictionary");
  }
  const transactionId = message.bytes("t");
  if (transactionId === undefined || transactionId.length > MAX_TRANSACTION_ID_BYTES) {
    const problem = `Expected a transaction ID of at most ${MAX_TRANSACTION_ID_BYTES} bytes`;
    throw new KrpcError("bad-field", "t", null, problem);
  }
  switch (message.text("y")) {
    case "q": {
      const { id, fields } = readBody(message, "a", transactionId);
      return {
        kind: "query",
        transactionId,
        id,
        isReadOnly: message.integer("ro") === 1,
        request: decodeRequest(message.text("q"), fields, transactionId),
      };
    }
    case "r": {
      const { id, fields } = readBody(message, "r", null);
      return decodeResponse(transactionId, id, fields, message.bytes("ip"));
    }
    case "e":
      return decodeFailure(transactionId, message.list("e"));
    default:
      throw new KrpcError("not-krpc", "y", null, "Expected a query, a response or an error");
  }
}

function readBody(
  message: BencodeDictionary,
  key: "a" | "r",
  transactionId: Uint8Array | null,
): { id: Uint8Array; fields: BencodeDictionary } {
  const fields = message.dictionary(key);
  const id = fields?.bytes("id");
  if (fields === undefined || id?.length !== NODE_ID_LENGTH_BYTES) {
    const problem = `Expected the sender's node ID of ${NODE_ID_LENGTH_BYTES} bytes`;
    throw new KrpcError("bad-field", `${key}.id`, transactionId, problem);
  }
  return { id, fields };
}
