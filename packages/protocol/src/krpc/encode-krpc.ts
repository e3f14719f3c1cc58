import { type Bencodable, encodeBencode, EncodedBencode } from "../bencode/encode-bencode.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { encodeCompactEndpoint, type PeerEndpoint } from "../endpoint/compact-endpoints.ts";
import { encodeCompactNodes } from "./compact-nodes.ts";
import type { KrpcAnswer, KrpcQuery, KrpcRequest, Want } from "./krpc-message.ts";

/**
 * A query's datagram.
 * @param version Four bytes that name the client, two letters and two of its version; none when absent.
 * @see BEP 5, 32, 33, 43, 44, 51
 */
export function encodeKrpcQuery(query: Omit<KrpcQuery, "kind">, version?: Uint8Array): Uint8Array {
  return encodeBencode({
    a: { id: query.id, ...encodeArguments(query.request) },
    q: query.request.method,
    ro: query.isReadOnly ? 1 : undefined,
    t: query.transactionId,
    v: version,
    y: "q",
  });
}

/**
 * An answer's datagram.
 * @param to Whom it goes to, whom it tells how it is seen from here (BEP 42).
 * @see BEP 5, 32, 33, 42, 44, 51
 */
export function encodeKrpcResponse(
  response: { transactionId: Uint8Array; id: Uint8Array; answer: KrpcAnswer; to: PeerEndpoint },
  version?: Uint8Array,
): Uint8Array {
  const { transactionId, id, answer, to } = response;
  return encodeBencode({
    ip: encodeCompactEndpoint(to),
    r: { id, ...encodeAnswer(answer) },
    t: transactionId,
    v: version,
    y: "r",
  });
}

/** The datagram that says why a query is not answered (BEP 5). */
export function encodeKrpcFailure(
  failure: { transactionId: Uint8Array; errorCode: number; message: string; to: PeerEndpoint },
  version?: Uint8Array,
): Uint8Array {
  return encodeBencode({
    e: [failure.errorCode, failure.message],
    ip: encodeCompactEndpoint(failure.to),
    t: failure.transactionId,
    v: version,
    y: "e",
  });
}

type Fields = Record<string, Bencodable | undefined>;

function encodeArguments(request: KrpcRequest): Fields {
  switch (request.method) {
    case "ping":
      return {};
    case "find_node":
    case "sample_infohashes":
      return { target: request.target, want: encodeWant(request.want) };
    case "get_peers":
      return {
        info_hash: request.infoHash,
        scrape: request.scrape ? 1 : undefined,
        want: encodeWant(request.want),
      };
    case "announce_peer":
      return {
        implied_port: request.impliedPort ? 1 : undefined,
        info_hash: request.infoHash,
        port: request.port,
        seed: request.isSeed ? 1 : undefined,
        token: request.token,
      };
    case "get":
      return {
        seq: request.seq ?? undefined,
        target: request.target,
        want: encodeWant(request.want),
      };
    default:
      return { token: request.token, v: new EncodedBencode(request.value), ...putFields(request) };
  }
}

function putFields({ mutable }: KrpcRequest & { method: "put" }): Fields {
  if (mutable === null) return {};
  return {
    cas: mutable.cas ?? undefined,
    k: mutable.publicKey,
    salt: mutable.salt.length === 0 ? undefined : mutable.salt,
    seq: mutable.seq,
    sig: mutable.signature,
  };
}

function encodeWant(want: Want | null): Bencodable | undefined {
  if (want === null) return undefined;
  return [...(want.n4 ? ["n4"] : []), ...(want.n6 ? ["n6"] : [])];
}

function encodeAnswer(answer: KrpcAnswer): Fields {
  return {
    BFpe: answer.peerFilter ?? undefined,
    BFsd: answer.seedFilter ?? undefined,
    interval: answer.sampleIntervalS ?? undefined,
    k: answer.publicKey ?? undefined,
    nodes: encodePresent(answer.nodes4, (nodes) => encodeCompactNodes(nodes, 4)),
    nodes6: encodePresent(answer.nodes6, (nodes) => encodeCompactNodes(nodes, 6)),
    num: answer.sampleCount ?? undefined,
    samples: encodePresent(answer.samples, concatBytes),
    seq: answer.seq ?? undefined,
    sig: answer.signature ?? undefined,
    token: answer.token ?? undefined,
    v: encodePresent(answer.value, (value) => new EncodedBencode(value)),
    values: encodePresent(answer.peers, (peers) => peers.map(encodeCompactEndpoint)),
  };
}

function encodePresent<T>(
  value: T | null | undefined,
  encode: (value: T) => Bencodable,
): Bencodable | undefined {
  return value === null || value === undefined ? undefined : encode(value);
}
