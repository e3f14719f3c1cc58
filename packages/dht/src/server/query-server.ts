import {
  type AddressFamily,
  type CompactNode,
  KRPC_ERROR,
  type KrpcAnswer,
  type KrpcQuery,
  type KrpcRequest,
  type Want,
} from "@shoal/protocol";
import type { Clock, Endpoint } from "@shoal/runtime";
import type { DhtCounters } from "../rpc/counters.ts";
import { checkPutLengths, type ItemStore, type PutFailure, targetOfPut } from "./item-store.ts";
import type { PeerStore } from "./peer-store.ts";
import type { Tokens } from "./tokens.ts";

/** Answers stay below the 1500 bytes that lines carry whole, headers and tunnels taken off. */
const MAX_ANSWER_BYTES = 1400;
/** Peers of an answer at most. */
const MAX_ANSWER_PEERS = 100;
/** What an answer takes besides peers: IDs, token, endpoint and bencode's own. */
const FIXED_BYTES = 160;
/** A compact endpoint in a list, by family. */
const PEER_BYTES = { 4: 8, 6: 21 } as const;
const NODE_BYTES = { 4: 26, 6: 38 } as const;
const SCRAPE_BYTES = 2 * (256 + 12);

/** What a node answers queries from. */
export interface QueryServerParts {
  readonly clock: Clock;
  readonly peers: PeerStore;
  readonly items: ItemStore;
  readonly tokens: Tokens;
  readonly counters: DhtCounters;
  readonly family: AddressFamily;
  ownId(): Uint8Array;
  /** The nodes of a family closest to a target. */
  closest(target: Uint8Array, family: AddressFamily): readonly CompactNode[];
}

/** Either an answer or an error. */
export type Reply = { readonly answer: KrpcAnswer } | PutFailure;

type Nodes = Pick<KrpcAnswer, "nodes4" | "nodes6">;

/**
 * Answers a query, and stores what it brings when its token is good.
 * @returns besides the reply, whether the sender proved that its address is its own.
 */
export function answerQuery(
  parts: QueryServerParts,
  query: KrpcQuery,
  from: Endpoint,
): { reply: Reply; isProven: boolean } {
  const { request } = query;
  switch (request.method) {
    case "ping":
      return { reply: { answer: {} }, isProven: false };
    case "find_node":
      return { reply: { answer: nodesFor(parts, request.target, request.want) }, isProven: false };
    case "get_peers":
      return { reply: { answer: answerGetPeers(parts, request, from) }, isProven: false };
    case "get":
      return { reply: { answer: answerGet(parts, request, from) }, isProven: false };
    case "sample_infohashes":
      return { reply: { answer: answerSample(parts, request) }, isProven: false };
    case "announce_peer": {
      if (!parts.tokens.accepts(request.token, from.address, request.infoHash)) {
        return { reply: refuseToken(parts), isProven: false };
      }
      const port = request.impliedPort ? from.port : request.port;
      const peer = { address: from.address, port };
      parts.peers.announce(request.infoHash, peer, request.isSeed, parts.clock.monotonicMs());
      return { reply: { answer: {} }, isProven: true };
    }
    default: {
      const failure = checkPutLengths(request);
      if (failure !== null) return { reply: failure, isProven: false };
      if (!parts.tokens.accepts(request.token, from.address, targetOfPut(request))) {
        return { reply: refuseToken(parts), isProven: false };
      }
      const nowMs = parts.clock.monotonicMs();
      const refusal = parts.items.put(request, from.address, parts.ownId(), nowMs);
      return { reply: refusal ?? { answer: {} }, isProven: true };
    }
  }
}

function refuseToken({ counters }: QueryServerParts): PutFailure {
  counters.badTokens++;
  return { errorCode: KRPC_ERROR.protocol, message: "Invalid token" };
}

function answerGetPeers(
  parts: QueryServerParts,
  { infoHash, want, scrape }: KrpcRequest & { method: "get_peers" },
  from: Endpoint,
): KrpcAnswer {
  const { peers, family, tokens, clock } = parts;
  const nowMs = clock.monotonicMs();
  const nodes = nodesFor(parts, infoHash, want);
  const filters = scrape ? peers.scrape(infoHash, nowMs) : null;
  const room = MAX_ANSWER_BYTES - FIXED_BYTES - nodeBytes(nodes) - (filters ? SCRAPE_BYTES : 0);
  const limit = Math.min(MAX_ANSWER_PEERS, Math.floor(room / PEER_BYTES[family]));
  const found = peers.peers(infoHash, family, Math.max(0, limit), nowMs);
  return {
    ...nodes,
    token: tokens.issue(from.address, infoHash),
    peers: found.length === 0 ? null : found,
    seedFilter: filters?.seeds.bytes ?? null,
    peerFilter: filters?.peers.bytes ?? null,
  };
}

function answerGet(
  parts: QueryServerParts,
  { target, want, seq }: KrpcRequest & { method: "get" },
  from: Endpoint,
): KrpcAnswer {
  const item = parts.items.get(target, parts.clock.monotonicMs());
  const nodes = nodesFor(parts, target, want);
  const base = { token: parts.tokens.issue(from.address, target) };
  if (item === null) return { ...nodes, ...base };
  const { mutable, value } = item;
  if (mutable !== null && seq !== null && mutable.seq <= seq) {
    return { ...nodes, ...base, seq: mutable.seq };
  }
  // A value of 1000 bytes and nodes of both families are too much for one datagram.
  const fits = FIXED_BYTES + 120 + value.length + nodeBytes(nodes) <= MAX_ANSWER_BYTES;
  return { ...(fits ? nodes : {}), ...base, value, ...mutable };
}

function answerSample(
  parts: QueryServerParts,
  { target, want }: KrpcRequest & { method: "sample_infohashes" },
): KrpcAnswer {
  const { hashes, count, intervalS } = parts.peers.sample(parts.clock.monotonicMs());
  return {
    ...nodesFor(parts, target, want),
    samples: hashes,
    sampleCount: count,
    sampleIntervalS: intervalS,
  };
}

/** Nodes of the families that were asked for; without a word, of the one that the query came by (BEP 32). */
function nodesFor(parts: QueryServerParts, target: Uint8Array, want: Want | null): Nodes {
  const { n4, n6 } = want ?? { n4: parts.family === 4, n6: parts.family === 6 };
  return {
    nodes4: n4 ? parts.closest(target, 4) : null,
    nodes6: n6 ? parts.closest(target, 6) : null,
  };
}

function nodeBytes({ nodes4, nodes6 }: Nodes): number {
  return (nodes4?.length ?? 0) * NODE_BYTES[4] + (nodes6?.length ?? 0) * NODE_BYTES[6];
}
