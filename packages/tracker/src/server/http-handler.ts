import {
  encodeAnnounceResponse,
  encodeScrapeResponse,
  encodeTrackerFailure,
  parseAnnounceQuery,
  parseScrapeQuery,
  TrackerWireError,
} from "@shoal/protocol";
import type { HttpServerRequest, HttpServerResponse } from "@shoal/runtime";

import { type Access, splitPasskey } from "../access/access.ts";
import { createCompactEndpointWriter } from "./compact-endpoint-writer.ts";
import { formatMetrics } from "./metrics.ts";
import type { RequestCounters } from "./request-counters.ts";
import type { SwarmState, SwarmStats } from "./swarm-state.ts";

const DEFAULT_NUM_WANT = 50;
/** The text format of Prometheus. */
const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export interface HttpHandlerParts {
  readonly state: SwarmState;
  readonly access: Access;
  readonly intervalS: number;
  readonly minIntervalS: number;
  readonly counters: RequestCounters;
  stats(): Promise<SwarmStats & RequestCounters>;
}

/**
 * Answers `/announce`, `/scrape`, `/stats` and `/metrics`. Peers are known by the address that they connect
 * from: `ip` and its like in the query would let anyone direct a swarm at a victim.
 */
export function createHttpHandler(
  parts: HttpHandlerParts,
): (request: HttpServerRequest) => Promise<HttpServerResponse> {
  const { state, access, intervalS, minIntervalS, counters } = parts;
  const writeEndpoint = createCompactEndpointWriter();

  async function announce(
    query: string,
    passkey: string | null,
    request: HttpServerRequest,
  ): Promise<Uint8Array> {
    counters.announces++;
    const announced = parseAnnounceQuery(query);
    const admission = access.admit(announced.infoHash, request.remote.address, passkey);
    if ("refusal" in admission) return refuse(admission.refusal);
    if (admission.account !== null) access.rules.accounts?.count(admission.account, announced);
    const endpoint = writeEndpoint(request.remote, announced.port);
    if (endpoint === null) return refuse("The tracker cannot tell your address.");
    const pending = state.announce({
      infoHash: announced.infoHash,
      endpoint,
      event: announced.event,
      leftBytes: announced.leftBytes,
      numWant: announced.numWant ?? DEFAULT_NUM_WANT,
      wantsBothFamilies: true,
    });
    // What lies in memory is valid until the next call: no other request may come in between.
    const answer = pending instanceof Promise ? await pending : pending;
    if (answer === null) return refuse("The tracker is full. Use another.");
    const externalIp = request.remote.address;
    return encodeAnnounceResponse(
      { ...answer, intervalS, minIntervalS, externalIp },
      announced.compact,
    );
  }

  async function scrape(
    query: string,
    passkey: string | null,
    request: HttpServerRequest,
  ): Promise<Uint8Array> {
    counters.scrapes++;
    const infoHashes = parseScrapeQuery(query);
    if (infoHashes.length === 0) return refuse("Name the torrents to scrape by info_hash.");
    for (const infoHash of infoHashes) {
      const admission = access.admit(infoHash, request.remote.address, passkey);
      if ("refusal" in admission) return refuse(admission.refusal);
    }
    const entries = infoHashes.map(async (infoHash) => ({
      infoHash,
      ...(await state.scrape(infoHash)),
    }));
    return encodeScrapeResponse(await Promise.all(entries), minIntervalS);
  }

  function refuse(reason: string): Uint8Array {
    counters.refused++;
    return encodeTrackerFailure({ reason });
  }

  /** Clients show a failure's reason but few show an HTTP status: what is wrong is said with 200. */
  async function answer(respond: Promise<Uint8Array>): Promise<HttpServerResponse> {
    try {
      return respondWith(200, "text/plain", await respond);
    } catch (error) {
      if (!(error instanceof TrackerWireError)) throw error;
      return respondWith(200, "text/plain", refuse(error.message));
    }
  }

  return async (request) => {
    const { method, target } = request;
    const { path, query, passkey } = splitPasskey(target);
    if (method !== "GET") return respondWith(405, "text/plain", encodeText("GET only\n"));
    if (path === "/announce") return answer(announce(query, passkey, request));
    if (path === "/scrape") return answer(scrape(query, passkey, request));
    if (path === "/stats") {
      const body = encodeText(`${JSON.stringify(await parts.stats())}\n`);
      return respondWith(200, "application/json", body);
    }
    if (path === "/metrics") {
      return respondWith(200, METRICS_TYPE, encodeText(formatMetrics(await parts.stats())));
    }
    return respondWith(
      404,
      "text/plain",
      encodeText("This is a BitTorrent tracker: /announce, /scrape, /stats, /metrics\n"),
    );
  };
}

function respondWith(status: number, contentType: string, body: Uint8Array): HttpServerResponse {
  return { status, headers: { "content-type": contentType }, body };
}

function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
