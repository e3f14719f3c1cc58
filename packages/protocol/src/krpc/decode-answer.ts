import type { BencodeDictionary, BencodeValue } from "../bencode/bencode-dictionary.ts";
import {
  type AddressFamily,
  decodeCompactEndpoints,
  type PeerEndpoint,
} from "../endpoint/compact-endpoints.ts";
import { KrpcError } from "../errors.ts";
import { cleanText } from "../tracker-wire/clean-text.ts";
import { type CompactNode, decodeCompactNodes } from "./compact-nodes.ts";
import {
  type KrpcFailure,
  type KrpcResponse,
  MAX_ITEM_VALUE_BYTES,
  MAX_SEQ,
  NODE_ID_LENGTH_BYTES,
} from "./krpc-message.ts";
import { SCRAPE_FILTER_LENGTH_BYTES } from "./scrape-filter.ts";

/** Nodes read of an answer; clients send 8 of a family. */
const MAX_NODES = 32;
/** Peers read of an answer. */
const MAX_PEERS = 100;
/** Infohashes read of an answer (BEP 51): a datagram has no room for more. */
const MAX_SAMPLES = 75;
/** Tokens are kept until the look-up has ended. */
const MAX_TOKEN_BYTES = 64;
/** BEP 51: at most six hours. */
const MAX_SAMPLE_INTERVAL_S = 21_600;

/**
 * An answer's fields. A field that is not what its specification says counts as absent: what else
 * the answer holds may still be of use.
 */
export function decodeResponse(
  transactionId: Uint8Array,
  id: Uint8Array,
  fields: BencodeDictionary,
  ip: Uint8Array | undefined,
): KrpcResponse {
  const sized = (field: string, min: number, max: number): Uint8Array | null => {
    const value = fields.bytes(field);
    return value !== undefined && value.length >= min && value.length <= max ? value : null;
  };
  const value = fields.rawSpan("v");
  const seq = fields.bigInteger("seq");
  const count = fields.integer("num");
  const interval = fields.integer("interval");
  return {
    kind: "response",
    transactionId,
    id,
    externalEndpoint: readEndpoint(ip),
    answer: {
      nodes4: readNodes(fields.bytes("nodes"), 4),
      nodes6: readNodes(fields.bytes("nodes6"), 6),
      peers: readPeers(fields.list("values")),
      token: sized("token", 0, MAX_TOKEN_BYTES),
      value: value !== undefined && value.length <= MAX_ITEM_VALUE_BYTES ? value : null,
      publicKey: sized("k", 32, 32),
      signature: sized("sig", 64, 64),
      seq: seq !== undefined && seq >= 0n && seq <= MAX_SEQ ? seq : null,
      seedFilter: sized("BFsd", SCRAPE_FILTER_LENGTH_BYTES, SCRAPE_FILTER_LENGTH_BYTES),
      peerFilter: sized("BFpe", SCRAPE_FILTER_LENGTH_BYTES, SCRAPE_FILTER_LENGTH_BYTES),
      samples: readSamples(fields.bytes("samples")),
      sampleCount: count !== undefined && count >= 0 ? count : null,
      sampleIntervalS:
        interval !== undefined && interval >= 0 ? Math.min(interval, MAX_SAMPLE_INTERVAL_S) : null,
    },
  };
}

/** Why a query failed, in words that do not steer a terminal. */
export function decodeFailure(
  transactionId: Uint8Array,
  list: readonly BencodeValue[] | undefined,
): KrpcFailure {
  const [errorCode, message] = list ?? [];
  if (typeof errorCode !== "number") {
    throw new KrpcError("bad-field", "e", null, "Expected an error code and a message");
  }
  const text = message instanceof Uint8Array ? cleanText(message) : "";
  return { kind: "error", transactionId, errorCode, message: text };
}

function readEndpoint(ip: Uint8Array | undefined): PeerEndpoint | null {
  if (ip?.length !== 6 && ip?.length !== 18) return null;
  return decodeCompactEndpoints(ip, ip.length === 6 ? 4 : 6, 1)[0] ?? null;
}

function readNodes(bytes: Uint8Array | undefined, family: AddressFamily): CompactNode[] | null {
  return bytes === undefined ? null : decodeCompactNodes(bytes, family, MAX_NODES);
}

/** A list of compact endpoints of either family (BEP 5, BEP 32). */
function readPeers(list: readonly BencodeValue[] | undefined): PeerEndpoint[] | null {
  if (list === undefined) return null;
  const peers: PeerEndpoint[] = [];
  for (const entry of list) {
    const peer = entry instanceof Uint8Array ? readEndpoint(entry) : null;
    if (peer !== null && peers.length < MAX_PEERS) peers.push(peer);
  }
  return peers;
}

function readSamples(bytes: Uint8Array | undefined): Uint8Array[] | null {
  if (bytes === undefined) return null;
  const samples: Uint8Array[] = [];
  for (
    let at = 0;
    at + NODE_ID_LENGTH_BYTES <= bytes.length && samples.length < MAX_SAMPLES;
    at += NODE_ID_LENGTH_BYTES
  ) {
    samples.push(bytes.subarray(at, at + NODE_ID_LENGTH_BYTES));
  }
  return samples;
}
