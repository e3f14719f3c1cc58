import { BencodeDictionary } from "../bencode/bencode-dictionary.ts";
import type { BencodeValue } from "../bencode/bencode-dictionary.ts";
import { BENCODE_LIMITS } from "../bencode/bencode-limits.ts";
import { decodeBencodePrefix } from "../bencode/decode-bencode.ts";
import { decodeCompactEndpoints } from "../endpoint/compact-endpoints.ts";
import { canonicalIp, formatIp, parseIp } from "../endpoint/ip-address.ts";
import { TrackerWireError } from "../errors.ts";
import { cleanText } from "./clean-text.ts";
import {
  MAX_SCRAPE_INFO_HASHES,
  MAX_TRACKER_PEERS,
  MAX_TRACKER_RESPONSE_BYTES,
} from "./messages.ts";
import type {
  AnnounceResponse,
  ScrapeEntry,
  ScrapeResponse,
  TrackerFailure,
  TrackerPeer,
} from "./messages.ts";

/** What trackers that name no interval mean: the value of the reference implementation. */
const DEFAULT_INTERVAL_S = 1800;

const LIMITS = { ...BENCODE_LIMITS.message, lengthBytes: MAX_TRACKER_RESPONSE_BYTES };

/**
 * Reads an HTTP tracker's answer to an announce (BEP 3, 7, 23, 24, 31). Fields of the wrong type
 * count as missing, and peers that cannot be connected to (port 0, host names) are left out.
 * @throws {BencodeError} when it is not bencoded, or longer than 1 MiB.
 * @throws {TrackerWireError} `not-a-dictionary`.
 */
export function parseAnnounceResponse(bytes: Uint8Array): AnnounceResponse | TrackerFailure {
  const answer = readDictionary(bytes);
  const failure = readFailure(answer);
  if (failure !== null) return failure;
  const externalIp = readExternalIp(answer.bytes("external ip"));
  const warning = answer.bytes("warning message");
  const trackerId = answer.text("tracker id");
  return {
    kind: "announce",
    intervalS: count(answer, "interval") ?? DEFAULT_INTERVAL_S,
    ...optional("minIntervalS", count(answer, "min interval")),
    ...optional("seeders", count(answer, "complete")),
    ...optional("leechers", count(answer, "incomplete")),
    ...optional("completed", count(answer, "downloaded")),
    peers: readPeers(answer),
    ...optional("externalIp", externalIp),
    ...optional("warning", warning === undefined ? undefined : cleanText(warning)),
    ...optional("trackerId", trackerId),
  };
}

/**
 * Reads an HTTP tracker's answer to a scrape (BEP 48): at most 74 torrents, as were asked for.
 * @throws {BencodeError} when it is not bencoded, or longer than 1 MiB.
 * @throws {TrackerWireError} `not-a-dictionary`.
 */
export function parseScrapeResponse(bytes: Uint8Array): ScrapeResponse | TrackerFailure {
  const answer = readDictionary(bytes);
  const failure = readFailure(answer);
  if (failure !== null) return failure;
  const entries: ScrapeEntry[] = [];
  for (const [key, figures] of answer.dictionary("files") ?? []) {
    if (key.length !== 20 || !(figures instanceof BencodeDictionary)) continue;
    if (entries.length === MAX_SCRAPE_INFO_HASHES) break;
    entries.push({
      infoHash: Uint8Array.from(key, (char) => char.charCodeAt(0)),
      seeders: count(figures, "complete") ?? 0,
      leechers: count(figures, "incomplete") ?? 0,
      completed: count(figures, "downloaded") ?? 0,
    });
  }
  const flags = answer.dictionary("flags");
  return {
    kind: "scrape",
    entries,
    ...optional("minIntervalS", flags && count(flags, "min_request_interval")),
  };
}

function readDictionary(bytes: Uint8Array): BencodeDictionary {
  // A prefix: some trackers end their answer with a line feed.
  const { value } = decodeBencodePrefix(bytes, LIMITS);
  if (value instanceof BencodeDictionary) return value;
  throw new TrackerWireError(
    "not-a-dictionary",
    0,
    "expected a tracker's response to be a dictionary",
  );
}

function readFailure(answer: BencodeDictionary): TrackerFailure | null {
  const reason = answer.bytes("failure reason");
  if (reason === undefined) return null;
  const retryIn = answer.text("retry in") ?? count(answer, "retry in");
  const minutes = Number(retryIn);
  return {
    kind: "failure",
    reason: cleanText(reason),
    ...(retryIn === "never" && { retryInMinutes: "never" as const }),
    ...(retryIn !== "" && minutes >= 0 && Number.isFinite(minutes) && { retryInMinutes: minutes }),
  };
}

function readPeers(answer: BencodeDictionary): TrackerPeer[] {
  const list = answer.list("peers");
  const peers: TrackerPeer[] = list
    ? readPeerList(list)
    : decodeCompactEndpoints(answer.bytes("peers") ?? new Uint8Array(), 4, MAX_TRACKER_PEERS);
  const peers6 = answer.bytes("peers6") ?? new Uint8Array();
  peers.push(...decodeCompactEndpoints(peers6, 6, MAX_TRACKER_PEERS - peers.length));
  return peers;
}

function readPeerList(list: readonly BencodeValue[]): TrackerPeer[] {
  const peers: TrackerPeer[] = [];
  for (const item of list) {
    if (peers.length === MAX_TRACKER_PEERS) break;
    if (!(item instanceof BencodeDictionary)) continue;
    const address = item.text("ip") ?? "";
    const port = count(item, "port") ?? 0;
    const peerId = item.bytes("peer id");
    if (parseIp(address) === null || port === 0 || port > 0xffff) continue;
    peers.push({
      address: canonicalIp(address),
      port,
      ...(peerId?.length === 20 && { peerId: peerId.slice() }),
    });
  }
  return peers;
}

function readExternalIp(bytes: Uint8Array | undefined): string | undefined {
  if (bytes?.length === 4 || bytes?.length === 16) return formatIp(bytes, bytes.length);
  return undefined;
}

function count(dictionary: BencodeDictionary, key: string): number | undefined {
  const value = dictionary.integer(key);
  return value !== undefined && value >= 0 ? value : undefined;
}

function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value });
}
