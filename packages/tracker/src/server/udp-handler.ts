import {
  decodeUdpRequest,
  encodeUdpAnnounceResponse,
  encodeUdpConnectResponse,
  encodeUdpErrorResponse,
  encodeUdpScrapeResponse,
  TrackerWireError,
  udpPeerLimit,
} from "@shoal/protocol";
import type { UdpAnnounceRequest, UdpScrapeRequest, UdpTrackerRequest } from "@shoal/protocol";
import type { Endpoint } from "@shoal/runtime";

import { type Access, splitPasskey } from "../access/access.ts";
import { createCompactEndpointWriter } from "./compact-endpoint-writer.ts";
import type { ConnectionIds } from "./connection-ids.ts";
import type { RequestCounters } from "./request-counters.ts";
import type { SwarmAnswer, SwarmState } from "./swarm-state.ts";

const DEFAULT_NUM_WANT = 50;
const PEER_LIMITS = { 6: udpPeerLimit(4), 18: udpPeerLimit(6) } as const;

export interface UdpHandlerParts {
  readonly state: SwarmState;
  readonly access: Access;
  readonly connectionIds: ConnectionIds;
  readonly intervalS: number;
  readonly counters: RequestCounters;
  readonly send: (bytes: Uint8Array, to: Endpoint) => void;
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

  function announce(request: UdpAnnounceRequest, endpoint: Uint8Array, from: Endpoint): void {
    counters.announces++;
    const { transactionId } = request;
    if (request.port === 0) return fail(transactionId, "the port must not be 0", from);
    // The passkey of a private tracker is in the path that BEP 41 sends.
    const passkey = request.urlData === undefined ? null : splitPasskey(request.urlData).passkey;
    const admission = access.admit(request.infoHash, from.address, passkey);
    if ("refusal" in admission) return fail(transactionId, admission.refusal, from);
    if (admission.account !== null) {
      access.rules.accounts?.count(admission.account, { ...request, event: request.event });
    }
    const answer = state.announce({
      infoHash: request.infoHash,
      endpoint,
      event: request.event,
      leftBytes: request.leftBytes,
      numWant: Math.min(
        request.numWant ?? DEFAULT_NUM_WANT,
        PEER_LIMITS[endpoint.length === 6 ? 6 : 18],
      ),
      wantsBothFamilies: false,
    });
    const isIpv4 = endpoint.length === 6;
    const reply = (answer: SwarmAnswer | null): void => {
      if (answer === null) return fail(transactionId, "the tracker is full, use another", from);
      const { seeders, leechers } = answer;
      const peers = isIpv4 ? answer.peers4 : answer.peers6;
      send(encodeUdpAnnounceResponse(transactionId, { intervalS, seeders, leechers, peers }), from);
    };
    if (answer instanceof Promise)
      void answer.then(reply, () => failInternally(transactionId, from));
    else reply(answer);
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
    } else if (!connectionIds.accepts(endpoint, request.connectionId)) {
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
