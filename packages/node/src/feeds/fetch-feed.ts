import { BENCODE_LIMITS, createHttpTargetJudge } from "@shoal/protocol";
import type { Clock, HttpClient, HttpResponse } from "@shoal/runtime";
import { decodeFeed } from "./decode-feed.ts";
import { FeedError } from "./feed-error.ts";
import { MAX_FEED_BYTES, type ParsedFeed, parseFeed } from "./parse-feed.ts";

const TIMEOUT_MS = 30_000;
/** For the whole of an answer: one that sends a byte now and then must not hold a place. */
const MAX_DURATION_MS = 120_000;
const MAX_REDIRECTS = 5;
const MAX_TAG_LENGTH = 1000;

/** What fetching takes. */
export interface FetchWorld {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Which version of a feed is here already. */
export interface FeedVersion {
  readonly etag: string | null;
  readonly modified: string | null;
}

/**
 * Asks for a feed, unless it is as it was.
 * @returns Null when it has not changed.
 * @throws {FeedError|HttpError}
 */
export async function fetchFeed(
  url: string,
  { etag, modified }: FeedVersion,
  world: FetchWorld,
): Promise<{ readonly feed: ParsedFeed; readonly version: FeedVersion } | null> {
  const fetched = await get(
    { url, feedUrl: url, maxBytes: MAX_FEED_BYTES, world },
    {
      accept: "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5",
      ...(etag !== null && { "if-none-match": etag }),
      ...(modified !== null && { "if-modified-since": modified }),
    },
  );
  if (fetched === null) return null;
  const { response, bytes } = fetched;
  const feed = parseFeed(decodeFeed(bytes, response.headers["content-type"]));
  const keep = (value: string | undefined): string | null =>
    value !== undefined && value.length <= MAX_TAG_LENGTH ? value : null;
  const { headers } = response;
  return {
    feed,
    version: { etag: keep(headers["etag"]), modified: keep(headers["last-modified"]) },
  };
}

/**
 * The torrent file that an item of a feed names.
 * @throws {FeedError|HttpError}
 */
export async function fetchItem(
  url: string,
  feedUrl: string,
  world: FetchWorld,
): Promise<Uint8Array> {
  const maxBytes = BENCODE_LIMITS.torrent.lengthBytes;
  const fetched = await get({ url, feedUrl, maxBytes, world }, {});
  if (fetched === null) throw new FeedError("bad-status", "It answered with status 304.");
  return fetched.bytes;
}

/**
 * The user has named the feed, which may be in the own network, as indexers often are. What strangers write into it may not
 * lead anywhere else in there.
 * @returns Null for what has not changed.
 */
async function get(
  what: { url: string; feedUrl: string; maxBytes: number; world: FetchWorld },
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly response: HttpResponse; readonly bytes: Uint8Array } | null> {
  const { http, clock, signal } = what.world;
  const trusted = new URL(what.feedUrl).origin;
  const judge = createHttpTargetJudge(({ origin }) => origin === trusted);
  const late = new AbortController();
  const timer = clock.setTimer(MAX_DURATION_MS, () => late.abort());
  try {
    const response = await http.request({
      url: what.url,
      headers: { "user-agent": "Shoal", ...headers },
      timeoutMs: TIMEOUT_MS,
      maxRedirects: MAX_REDIRECTS,
      signal: AbortSignal.any([signal, late.signal]),
      allow(target) {
        if (judge(target) === null) return;
        throw new FeedError(
          "forbidden-address",
          `${target.url.host} is in a private network, where a feed may only lead to its own server.`,
        );
      },
    });
    if (response.status !== 304)
      return { response, bytes: await readBody(response, what.maxBytes) };
    await drop(response);
    return null;
  } finally {
    timer.cancel();
  }
}

async function readBody(response: HttpResponse, maxBytes: number): Promise<Uint8Array> {
  const { status, headers, url } = response;
  if (status !== 200) {
    await drop(response);
    const { host } = new URL(url);
    const retryInMs = retryAfterMs(headers["retry-after"]);
    throw new FeedError("bad-status", `${host} answered with status ${status}.`, retryInMs);
  }
  const parts: Uint8Array[] = [];
  let lengthBytes = 0;
  for await (const part of response.body) {
    lengthBytes += part.length;
    if (lengthBytes > maxBytes) {
      throw new FeedError("too-large", `It has more than ${maxBytes} bytes.`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Seconds alone: dates are of the server's clock. */
function retryAfterMs(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null;
}

/** Its connection is closed. */
async function drop({ body }: HttpResponse): Promise<void> {
  for await (const _part of body) break;
}
