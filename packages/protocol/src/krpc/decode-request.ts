import type { BencodeDictionary } from "../bencode/bencode-dictionary.ts";
import { KrpcError } from "../errors.ts";
import { type KrpcRequest, MAX_SEQ, NODE_ID_LENGTH_BYTES, type Want } from "./krpc-message.ts";

/** Tokens are at most a hash long in any client. */
const MAX_TOKEN_BYTES = 64;

/** A query's arguments, refused field by field. */
export function decodeRequest(
  method: string | undefined,
  fields: BencodeDictionary,
  transactionId: Uint8Array,
): KrpcRequest {
  const refuse = (field: string, expected: string): KrpcError =>
    new KrpcError("bad-field", `a.${field}`, transactionId, `Expected ${field}: ${expected}`);
  const bytes = (field: string, min: number, max: number): Uint8Array => {
    const value = fields.bytes(field);
    if (value !== undefined && value.length >= min && value.length <= max) return value;
    throw refuse(field, min === max ? `${min} bytes` : `${min} to ${max} bytes`);
  };
  const hash = (field: string): Uint8Array =>
    bytes(field, NODE_ID_LENGTH_BYTES, NODE_ID_LENGTH_BYTES);
  const seq = (field: string): bigint => {
    const value = fields.bigInteger(field);
    if (value !== undefined && value >= 0n && value <= MAX_SEQ) return value;
    throw refuse(field, "a number from 0 to 2^63 - 1");
  };
  const optionalSeq = (field: string): bigint | null => (fields.has(field) ? seq(field) : null);
  const want = readWant(fields);

  switch (method) {
    case "ping":
      return { method };
    case "find_node":
      return { method, target: hash("target"), want };
    case "sample_infohashes":
      return { method, target: hash("target"), want };
    case "get_peers":
      return {
        method,
        infoHash: hash("info_hash"),
        want,
        scrape: fields.integer("scrape") === 1,
      };
    case "announce_peer": {
      const impliedPort = (fields.integer("implied_port") ?? 0) !== 0;
      const port = fields.integer("port") ?? 0;
      if (!impliedPort && !(port >= 1 && port <= 65_535)) throw refuse("port", "1 to 65535");
      const token = bytes("token", 0, MAX_TOKEN_BYTES);
      const isSeed = fields.integer("seed") === 1;
      return { method, infoHash: hash("info_hash"), port, impliedPort, token, isSeed };
    }
    case "get":
      return { method, target: hash("target"), want, seq: optionalSeq("seq") };
    case "put": {
      const value = fields.rawSpan("v");
      if (value === undefined) throw refuse("v", "a value");
      const token = bytes("token", 0, MAX_TOKEN_BYTES);
      if (!fields.has("k")) return { method, token, value, mutable: null };
      const mutable = {
        publicKey: bytes("k", 32, 32),
        signature: bytes("sig", 64, 64),
        seq: seq("seq"),
        // Its length is judged where it can be answered with the error that BEP 44 has for it.
        salt: fields.bytes("salt") ?? new Uint8Array(0),
        cas: optionalSeq("cas"),
      };
      return { method, token, value, mutable };
    }
    default:
      throw new KrpcError("unknown-method", "q", transactionId, "Method unknown");
  }
}

/** BEP 32: a list of `n4` and `n6`; other words are left alone. */
function readWant(fields: BencodeDictionary): Want | null {
  const list = fields.list("want");
  if (list === undefined) return null;
  const has = (digit: number): boolean =>
    list.some(
      (word) =>
        word instanceof Uint8Array && word.length === 2 && word[0] === 0x6e && word[1] === digit,
    );
  const n4 = has(0x34);
  const n6 = has(0x36);
  return n4 || n6 ? { n4, n6 } : null;
}
