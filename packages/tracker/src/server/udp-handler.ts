import {
  decodeUdpRequest,
  encodeUdpAnnounceResponse,
  encodeUdpConnectResponse,
  encodeUdpErrorResponse,
  encodeUdpScrapeResponse,
  TrackerWireError,
  udpPeerLimit,
} from "@shoal/protocol";
import type { ReceivedUdpAnnounce, UdpScrapeRequest, UdpTrackerRequest } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";

import { type Access, splitPasskey } from "../access/access.ts";
import { createCompactEndpointWriter } from "./compact-endpoint-writer.ts";
import type { ConnectionIds } from "./connection-ids.ts";
import type { RequestCounters } from "./request-counters.ts";
import type { SwarmAnswer, SwarmState } from "./swarm-state.ts";

const DEFAULT_NUM_WANT = 50;
/** No answer to an announce is longer: {@link udpPeerLimit} sees to it. */
const MAX_ANSWER_BYTES = 1232;
const PEER_LIMIT_4 = udpPeerLimit(4);
const PEER_LIMIT_6 = udpPeerLimit(6);

export interface UdpHandlerParts {
  readonly state: SwarmState;
  readonly access: Access;
  readonly connectionIds: ConnectionIds;
  readonly intervalS: number;
  readonly counters: RequestCounters;
  /** @returns false when the bytes' memory is still in use, as with `UdpSocket.send`. */
  readonly send: (bytes: Uint8Array, to: Endpoint) => boolean;
}

/**
 * Answers the datagrams of UDP tracker clients (BEP 15). What cannot be read, or has no connection
 * behind it, gets no answer longer than itself: the tracker is of no use for amplifying attacks.
 */
export function createUdpHandler(
  parts: UdpHandlerParts,
): (bytes: Uint8Array, from: Endpoint) => void {
  const { state, access, connectionIds, intervalS, counters, send } = parts;
  const writeEndpoint = createCompactEndpointWriter();
  let memory = new Uint8Array(MAX_ANSWER_BYTES);

  function announce(request: ReceivedUdpAnnounce, endpoint: Uint8Array, from: Endpoint): void {
    counters.announces++;
    const { transactionId } = request;
    if (request.port === 0) return fail(transactionId, "the port must not be 0", from);
    // The passkey of a private tracker is in the path that BEP 41 sends.
    const { urlData } = request;
    const passkey = urlData === undefined ? null : splitPasskey(urlData).passkey;
    const { infoHash } = request;
    const admission = access.admit(infoHash, from.address, passkey);
    if ("refusal" in admission) return fail(transactionId, admission.refusal, from);
    if (admission.account !== null) {
      access.rules.accounts?.count(admission.account, request);
    }
    const isIpv4 = endpoint.length === 6;
    const wanted = request.numWant ?? DEFAULT_NUM_WANT;
    const answer = state.announce({
      infoHash,
      endpoint,
      event: request.event,
      leftBytes: request.leftBytes,
      numWant: Math.min(wanted, isIpv4 ? PEER_LIMIT_4 : PEER_LIMIT_6),
      wantsBothFamilies: false,
    });
    if (!(answer instanceof Promise)) return reply(transactionId, answer, isIpv4, from);
    void answer.then(
      (later) => reply(transactionId, later, isIpv4, from),
      () => failInternally(transactionId, from),
    );
  }

  function reply(
    transactionId: number,
    answer: SwarmAnswer | null,
    isIpv4: boolean,
    to: Endpoint,
  ): void {
    if (answer === null) return fail(transactionId, "the tracker is full, use another", to);
    const { seeders, leechers } = answer;
    const peers = isIpv4 ? answer.peers4 : answer.peers6;
    const figures = { intervalS, seeders, leechers, peers };
    const isFree = send(encodeUdpAnnounceResponse(transactionId, figures, memory), to);
    if (!isFree) memory = new Uint8Array(MAX_ANSWER_BYTES);
  }

  async function scrape(
    { transactionId, infoHashes }: UdpScrapeRequest,
    from: Endpoint,
  ): Promise<void> {
    counters.scrapes++;
    // A scrape over UDP carries no passkey: a private tracker answers none.
    for (const infoHash of infoHashes) {
      const admission = access.admit(infoHash, from.address, null);
      if ("refusal" in admission) return fail(transactionId, admission.refusal, from);
    }
    try {
      const figures = await Promise.all(infoHashes.map(async (infoHash) => state.scrape(infoHash)));
      send(encodeUdpScrapeResponse(transactionId, figures), from);
    } catch {
      failInternally(transactionId, from);
    }
  }

  function fail(transactionId: number, reason: string, to: Endpoint): void {
    counters.refused++;
    send(encodeUdpErrorResponse(transactionId, reason), to);
  }

  function failInternally(transactionId: number, to: Endpoint): void {
    fail(transactionId, "the tracker has a problem, try again later", to);
  }

  return (bytes, from) => {
    const request = readRequest(bytes);
    const port = request?.action === "announce" ? request.port : from.port;
    const endpoint = request === null ? null : writeEndpoint(from, port);
    if (request === null || endpoint === null) {
      counters.refused++;
    } else if (request.action === "connect") {
      counters.connects++;
      send(encodeUdpConnectResponse(request.transactionId, connectionIds.issue(endpoint)), from);
    } else if (!connectionIds.accepts(endpoint, bytes)) {
      fail(request.transactionId, "connect first", from);
    } else if (request.action === "announce") {
      announce(request, endpoint, from);
    } else {
      void scrape(request, from);
    }
  };
}

function readRequest(bytes: Uint8Array): UdpTrackerRequest | null {
  try {
    return decodeUdpRequest(bytes);
  } catch (error) {
    if (error instanceof TrackerWireError) return null;
    throw error;
  }
}
