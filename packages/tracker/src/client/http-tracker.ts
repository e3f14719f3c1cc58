import {
  buildAnnounceUrl,
  buildScrapeUrl,
  MAX_TRACKER_RESPONSE_BYTES,
  parseAnnounceResponse,
  parseScrapeResponse,
  ProtocolError,
} from "@shoal/protocol";
import type {
  AnnounceRequest,
  AnnounceResponse,
  ScrapeResponse,
  TrackerFailure,
} from "@shoal/protocol";
import { DnsError, HttpError } from "@shoal/runtime";
import type { Clock, Http } from "@shoal/runtime";

import { TrackerError } from "../errors.ts";
import { createDeadline } from "./deadline.ts";
import { createHttpGuard } from "./http-guard.ts";
import { failureError, notFoundError, unreadableError } from "./tracker-failures.ts";

/** Trackers under load take long; one that drips its answer is dropped all the same. */
const REQUEST_TIMEOUT_MS = 45_000;

const MAX_REDIRECTS = 5;

export interface HttpTrackerParts {
  readonly http: Http;
  readonly clock: Clock;
  readonly userAgent: string;
}

/** How a request ends before its time, and what follows it. */
interface Course {
  readonly signal: AbortSignal;
  /** As in `RequestOptions`. */
  readonly othersFollow?: boolean;
}

/**
 * Announces to an HTTP(S) tracker.
 * @throws {TrackerError}
 */
export async function announceHttp(
  parts: HttpTrackerParts,
  url: string,
  request: AnnounceRequest,
  course: Course,
): Promise<AnnounceResponse> {
  const { status, body } = await get(parts, url, buildAnnounceUrl(url, request), course);
  return read(url, status, () => parseAnnounceResponse(body));
}

/**
 * Scrapes an HTTP(S) tracker.
 * @throws {TrackerError} also `unsupported-scrape`, when the URL does not follow BEP 48's convention.
 */
export async function scrapeHttp(
  parts: HttpTrackerParts,
  url: string,
  infoHashes: readonly Uint8Array[],
  course: Course,
): Promise<ScrapeResponse> {
  const scrapeUrl = buildScrapeUrl(url, infoHashes);
  if (scrapeUrl === null) {
    throw new TrackerError(
      "unsupported-scrape",
      url,
      "This tracker cannot be scraped: the last part of its URL does not start with `announce` (BEP 48).",
    );
  }
  const { status, body } = await get(parts, url, scrapeUrl, course);
  return read(url, status, () => parseScrapeResponse(body));
}

/** A tracker may explain an error status with a bencoded reason, so the body is read first. */
function read<Answer extends { kind: string }>(
  url: string,
  status: number,
  parse: () => Answer | TrackerFailure,
): Answer {
  let answer: Answer | TrackerFailure;
  try {
    answer = parse();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    if (status === 200) throw unreadableError(url, error);
    throw statusError(url, status, error);
  }
  if (isFailure(answer)) throw failureError(url, answer);
  if (status !== 200) throw statusError(url, status);
  return answer;
}

function isFailure(answer: { kind: string }): answer is TrackerFailure {
  return answer.kind === "failure";
}

function statusError(url: string, status: number, cause?: unknown): TrackerError {
  const hint =
    status === 404 || status === 410
      ? "There is no tracker at this URL (any more). Check it, or remove it from the torrent."
      : status === 401 || status === 403
        ? "It does not know you. Check the passkey in the URL, or fetch the torrent again."
        : "It has a problem of its own. Try again later.";
  return new TrackerError(
    "bad-response",
    url,
    `The tracker answered with HTTP status ${status}. ${hint}`,
    {
      cause,
    },
  );
}

async function get(
  { http, clock, userAgent }: HttpTrackerParts,
  trackerUrl: string,
  url: string,
  { signal, othersFollow = false }: Course,
): Promise<{ status: number; body: Uint8Array }> {
  const deadline = createDeadline(clock, REQUEST_TIMEOUT_MS, signal);
  try {
    const response = await http.request({
      url,
      // Of one torrent announces are half an hour apart, and a kept connection only costs the tracker a descriptor; of
      // thousands each would take a connection of its own.
      headers: {
        "user-agent": userAgent,
        accept: "*/*",
        ...(othersFollow ? {} : { connection: "close" }),
      },
      timeoutMs: REQUEST_TIMEOUT_MS,
      maxRedirects: MAX_REDIRECTS,
      allow: createHttpGuard(trackerUrl),
      signal: deadline.signal,
    });
    return { status: response.status, body: await readBody(trackerUrl, response.body) };
  } catch (error) {
    throw toTrackerError(trackerUrl, error, deadline.isOver, signal);
  } finally {
    deadline.clear();
  }
}

async function readBody(url: string, body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > MAX_TRACKER_RESPONSE_BYTES) {
      throw new TrackerError(
        "bad-response",
        url,
        "The tracker's answer is longer than 1 MiB, which no announce needs. Check that the URL is a tracker's.",
      );
    }
    parts.push(part.slice());
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const HTTP_FAILURES: Record<
  HttpError["code"],
  readonly [code: TrackerError["code"], message: string]
> = {
  refused: ["refused", "The tracker refuses connections: it is down, or its port is wrong."],
  timeout: ["timeout", "The tracker did not answer in time. It is down, or overloaded."],
  aborted: ["aborted", "The announce was cancelled."],
  tls: [
    "unreachable",
    "The tracker's certificate could not be verified. Check this machine's date and the tracker's name.",
  ],
  "bad-response": ["bad-response", "What answers at the tracker's address does not speak HTTP."],
  "too-many-redirects": ["bad-response", "The tracker redirects in circles. Check its URL."],
  "address-in-use": ["unreachable", "The local address for the connection is in use."],
  failed: [
    "unreachable",
    "The tracker could not be reached. Check its name and this machine's connection to the internet.",
  ],
};

/** What a request's failure means to the user. */
export function toTrackerError(
  url: string,
  error: unknown,
  isOver: boolean,
  signal: AbortSignal,
): TrackerError {
  if (error instanceof TrackerError) return error;
  if (error instanceof Error && error.cause instanceof TrackerError) return error.cause;
  if (error instanceof HttpError && error.cause instanceof DnsError && !signal.aborted) {
    return notFoundError(url, error.cause);
  }
  const failed = error instanceof HttpError ? error.code : "failed";
  const [code, message] = HTTP_FAILURES[isOver ? "timeout" : signal.aborted ? "aborted" : failed];
  return new TrackerError(code, url, message, { cause: error });
}
