import { encodeUdpAnnounceRequest, encodeUdpScrapeRequest, ProtocolError } from "@shoal/protocol";
import type {
  AnnounceRequest,
  AnnounceResponse,
  ScrapeResponse,
  UdpTrackerResponse,
} from "@shoal/protocol";
import type { Clock, Dns, Endpoint } from "@shoal/runtime";

import { TrackerError } from "../errors.ts";
import { createDeadline } from "./deadline.ts";
import {
  abortedError,
  failureError,
  notFoundError,
  timeoutError,
  unreadableError,
} from "./tracker-failures.ts";
import type { UdpExchange } from "./udp-exchange.ts";
import { familyOf } from "./udp-transport.ts";
import type { UdpTransport } from "./udp-transport.ts";

/** After one address family has answered: how much longer the other one is waited for. */
const OTHER_FAMILY_GRACE_MS = 500;

/** What BEP 41 options may say in all. */
const MAX_URL_DATA_LENGTH = 1024;

export interface UdpTrackerParts {
  readonly transport: UdpTransport;
  readonly exchange: UdpExchange;
  readonly dns: Dns;
  readonly clock: Clock;
}

/**
 * Announces to a UDP tracker (BEP 15). A tracker keeps the peers of each address family apart, so
 * one that has addresses of both is told by both, and their peers are joined.
 * @throws {TrackerError}
 */
export async function announceUdp(
  parts: UdpTrackerParts,
  url: string,
  request: AnnounceRequest,
  signal: AbortSignal,
): Promise<AnnounceResponse> {
  const { endpoints, urlData } = await locate(parts, url, signal);
  const responses = await gather(parts.clock, endpoints, signal, async (to, signal) => {
    const answer = await exchange(
      parts,
      url,
      to,
      (connectionId, transactionId) =>
        encodeUdpAnnounceRequest({
          ...request,
          transactionId,
          connectionId,
          ...(urlData !== null && { urlData }),
        }),
      signal,
    );
    if (answer.action !== "announce") throw wrongAction(url, "announce", answer);
    return answer.response;
  });
  return responses.reduce((all, one) => ({
    ...all,
    intervalS: Math.min(all.intervalS, one.intervalS),
    seeders: Math.max(all.seeders ?? 0, one.seeders ?? 0),
    leechers: Math.max(all.leechers ?? 0, one.leechers ?? 0),
    peers: [...all.peers, ...one.peers],
  }));
}

/**
 * Scrapes a UDP tracker (BEP 15), by whichever address family answers first.
 * @throws {TrackerError}
 */
export async function scrapeUdp(
  parts: UdpTrackerParts,
  url: string,
  infoHashes: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<ScrapeResponse> {
  const { endpoints } = await locate(parts, url, signal);
  const [figures] = await gather(parts.clock, endpoints, signal, async (to, signal) => {
    const answer = await exchange(
      parts,
      url,
      to,
      (connectionId, transactionId) =>
        encodeUdpScrapeRequest({ connectionId, transactionId, infoHashes }),
      signal,
    );
    if (answer.action !== "scrape") throw wrongAction(url, "scrape", answer);
    return answer.figures;
  });
  const entries = (figures ?? []).slice(0, infoHashes.length);
  return {
    kind: "scrape",
    entries: entries.map((entry, index) => ({ infoHash: infoHashes[index]!, ...entry })),
  };
}

async function exchange(
  { exchange }: UdpTrackerParts,
  url: string,
  to: Endpoint,
  build: (connectionId: bigint, transactionId: number) => Uint8Array,
  signal: AbortSignal,
): Promise<Exclude<UdpTrackerResponse, { action: "error" }>> {
  let answer: UdpTrackerResponse | null;
  try {
    answer = await exchange.request(to, build, signal);
  } catch (error) {
    if (error instanceof ProtocolError) throw unreadableError(url, error);
    throw signal.aborted ? abortedError(url, error) : error;
  }
  if (answer === null) throw timeoutError(url);
  if (answer.action === "error") throw failureError(url, { reason: answer.message });
  return answer;
}

/** The tracker's first address of each family that this machine can send to. */
async function locate(
  { dns, transport }: UdpTrackerParts,
  url: string,
  signal: AbortSignal,
): Promise<{ endpoints: Endpoint[]; urlData: string | null }> {
  const { hostname, port, pathname, search } = new URL(url);
  if (port === "" || port === "0") {
    throw new TrackerError(
      "bad-url",
      url,
      "A UDP tracker's URL needs a port: udp://host:port/announce.",
    );
  }
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  let addresses: readonly string[];
  try {
    addresses = await dns.resolve(host, { mayStayName: true, signal });
  } catch (cause) {
    if (signal.aborted) throw abortedError(url, cause);
    throw notFoundError(url, cause);
  }
  const endpoints = transport.families
    .map((family) => addresses.find((address) => familyOf(address) === family))
    .filter((address) => address !== undefined)
    .map((address) => ({ address, port: Number(port) }));
  if (endpoints.length === 0) {
    throw new TrackerError(
      "unreachable",
      url,
      `The tracker ${host} has only addresses that this machine cannot reach: ${addresses.join(", ")}.`,
    );
  }
  const urlData = pathname + search;
  if (urlData.length > MAX_URL_DATA_LENGTH) {
    throw new TrackerError(
      "bad-url",
      url,
      `Path and query of the UDP tracker's URL are ${urlData.length} characters, more than a datagram holds.`,
    );
  }
  // Nearly every URL ends in /announce: said without a query, it tells the tracker nothing (BEP 41).
  const isPlain = search === "" && ["", "/", "/announce"].includes(pathname);
  return { endpoints, urlData: isPlain ? null : urlData };
}

/**
 * Asks all endpoints at once. As soon as one has answered the others have a short time left.
 * @returns At least one answer.
 * @throws the first endpoint's error when none answers.
 */
async function gather<Answer>(
  clock: Clock,
  endpoints: readonly Endpoint[],
  signal: AbortSignal,
  ask: (to: Endpoint, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer[]> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  const attempts = endpoints.map((to) => ask(to, controller.signal));
  const settled = Promise.allSettled(attempts);
  try {
    await Promise.any(attempts).catch(() => {});
    const grace = createDeadline(clock, OTHER_FAMILY_GRACE_MS, signal);
    grace.signal.addEventListener("abort", stop, { once: true });
    const results = await settled;
    grace.clear();
    const answers = results.filter((result) => result.status === "fulfilled");
    if (answers.length === 0) await attempts[0];
    return answers.map((answer) => answer.value);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function wrongAction(url: string, expected: string, answer: UdpTrackerResponse): TrackerError {
  return new TrackerError(
    "bad-response",
    url,
    `The tracker answered an ${expected} with a ${answer.action}. Check that the URL is a tracker's.`,
  );
}
