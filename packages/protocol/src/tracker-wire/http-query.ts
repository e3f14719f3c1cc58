import { TrackerWireError } from "../errors.ts";
import { MAX_SCRAPE_INFO_HASHES } from "./messages.ts";
import type { AnnounceEvent, AnnounceRequest } from "./messages.ts";
import { percentDecodeBytes, percentEncodeBytes } from "./percent-encoding.ts";

/** Room for a scrape of 74 infohashes with every byte escaped. */
const MAX_QUERY_LENGTH = 8192;

/** An announce as an HTTP tracker receives it. */
export interface HttpAnnounceQuery extends AnnounceRequest {
  /** False when the client asks for the response of BEP 3 instead of that of BEP 23. */
  readonly compact: boolean;
}

/**
 * The URL of an HTTP announce (BEP 3, 7, 23). The tracker's own query (a passkey, say) is kept.
 * @throws {RangeError} when the infohash or the peer ID is not 20 bytes.
 */
export function buildAnnounceUrl(trackerUrl: string, request: AnnounceRequest): string {
  assertTwentyBytes("infohash", request.infoHash);
  assertTwentyBytes("peer ID", request.peerId);
  const fields: [string, string | number | undefined][] = [
    ["info_hash", percentEncodeBytes(request.infoHash)],
    ["peer_id", percentEncodeBytes(request.peerId)],
    ["port", request.port],
    ["uploaded", request.uploadedBytes],
    ["downloaded", request.downloadedBytes],
    ["left", request.leftBytes],
    ["compact", 1],
    ["no_peer_id", 1],
    ["event", request.event],
    ["numwant", request.numWant],
    ["key", request.key?.toString(16).padStart(8, "0")],
    ["trackerid", encodeText(request.trackerId)],
    ["ipv4", encodeText(request.ipv4)],
    ["ipv6", encodeText(request.ipv6)],
  ];
  return appendQuery(trackerUrl, fields);
}

/**
 * The URL of an HTTP scrape, made from the announce URL by the convention of BEP 48: what follows
 * the last slash must start with `announce`, which becomes `scrape`.
 * @returns null when the URL does not follow the convention: the tracker cannot be scraped.
 * @throws {RangeError} when an infohash is not 20 bytes.
 */
export function buildScrapeUrl(
  trackerUrl: string,
  infoHashes: readonly Uint8Array[],
): string | null {
  const lastSlash = trackerUrl.lastIndexOf("/");
  if (!trackerUrl.startsWith("announce", lastSlash + 1)) return null;
  const scrapeUrl = `${trackerUrl.slice(0, lastSlash)}/scrape${trackerUrl.slice(lastSlash + "/announce".length)}`;
  return appendQuery(
    scrapeUrl,
    infoHashes.map((infoHash) => {
      assertTwentyBytes("infohash", infoHash);
      return ["info_hash", percentEncodeBytes(infoHash)];
    }),
  );
}

/**
 * Reads the query of an announce.
 * @param query What follows the `?`, percent-encoding kept.
 * @throws {TrackerWireError} `bad-query` when the infohash, the peer ID or the port is missing or
 *   malformed, or the query is longer than 8192 characters.
 */
export function parseAnnounceQuery(query: string): HttpAnnounceQuery {
  const fields = new Map<string, readonly [value: string, offset: number]>();
  for (const [name, value, offset] of splitQuery(query)) {
    if (!fields.has(name)) fields.set(name, [value, offset]);
  }
  const text = (name: string): string | undefined => fields.get(name)?.[0];
  const event = parseEvent(text("event"));
  const numWant = parseCount(text("numwant"));
  return {
    infoHash: takeTwentyBytes(fields, "info_hash"),
    peerId: takeTwentyBytes(fields, "peer_id"),
    port: takePort(fields),
    uploadedBytes: parseCount(text("uploaded")) ?? 0,
    downloadedBytes: parseCount(text("downloaded")) ?? 0,
    // Who does not say what is left counts as a leecher: it is given seeders, and none are sent to it.
    leftBytes: parseCount(text("left")) ?? Number.MAX_SAFE_INTEGER,
    compact: text("compact") !== "0",
    ...(event !== undefined && { event }),
    ...(numWant !== undefined && { numWant }),
  };
}

/**
 * Reads the query of a scrape.
 * @returns The infohashes asked for, at most 74; none means every torrent, which trackers may refuse.
 * @throws {TrackerWireError} `bad-query` when an infohash is not 20 bytes or the query is longer
 *   than 8192 characters.
 */
export function parseScrapeQuery(query: string): Uint8Array[] {
  const infoHashes: Uint8Array[] = [];
  for (const [name, value, offset] of splitQuery(query)) {
    if (name === "info_hash" && infoHashes.length < MAX_SCRAPE_INFO_HASHES) {
      infoHashes.push(decodeTwentyBytes(name, value, offset));
    }
  }
  return infoHashes;
}

function appendQuery(
  url: string,
  fields: readonly (readonly [string, string | number | undefined])[],
): string {
  const base = url.split("#", 1)[0]!;
  const query = fields
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  if (!base.includes("?")) return `${base}?${query}`;
  return base.endsWith("?") || base.endsWith("&") ? base + query : `${base}&${query}`;
}

function encodeText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : percentEncodeBytes(new TextEncoder().encode(text));
}

function* splitQuery(query: string): Generator<[name: string, value: string, offset: number]> {
  if (query.length > MAX_QUERY_LENGTH) {
    throw new TrackerWireError(
      "bad-query",
      null,
      `a tracker's query is at most ${MAX_QUERY_LENGTH} characters`,
    );
  }
  let start = 0;
  while (start < query.length) {
    const ampersand = query.indexOf("&", start);
    const end = ampersand < 0 ? query.length : ampersand;
    const equals = query.indexOf("=", start);
    if (equals >= 0 && equals < end) {
      yield [query.slice(start, equals), query.slice(equals + 1, end), equals + 1];
    }
    start = end + 1;
  }
}

type Fields = ReadonlyMap<string, readonly [value: string, offset: number]>;

function takeTwentyBytes(fields: Fields, name: string): Uint8Array {
  const [value, offset] = fields.get(name) ?? ["", null];
  return decodeTwentyBytes(name, value, offset);
}

function decodeTwentyBytes(name: string, value: string, offset: number | null): Uint8Array {
  const bytes = percentDecodeBytes(value, offset ?? 0);
  if (bytes.length !== 20) {
    throw new TrackerWireError(
      "bad-query",
      offset,
      `expected 20 bytes of ${name}, got ${bytes.length}`,
    );
  }
  return bytes;
}

function takePort(fields: Fields): number {
  const [value, offset] = fields.get("port") ?? ["", null];
  const port = parseCount(value);
  if (port === undefined || port === 0 || port > 0xffff) {
    throw new TrackerWireError("bad-query", offset, "expected port to be a number from 1 to 65535");
  }
  return port;
}

function parseEvent(text: string | undefined): AnnounceEvent | undefined {
  return text === "started" || text === "completed" || text === "stopped" ? text : undefined;
}

function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

function assertTwentyBytes(what: string, bytes: Uint8Array): void {
  if (bytes.length !== 20) {
    throw new RangeError(
      `expected 20 bytes of ${what}, got ${bytes.length}; truncate a v2 infohash first`,
    );
  }
}
