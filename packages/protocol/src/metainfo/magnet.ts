import { fromHex, toHex } from "../bytes/hex.ts";
import { MagnetError } from "../errors.ts";

/** What a magnet link says (BEP 9, BEP 53). At least one infohash is there. */
export interface Magnet {
  /** 20 bytes, from `urn:btih:`. */
  readonly infoHashV1: Uint8Array | null;
  /** 32 bytes, from `urn:btmh:` (BEP 52). */
  readonly infoHashV2: Uint8Array | null;
  /** The name to show until the metadata is there; unsafe as a file name. */
  readonly name: string | null;
  readonly trackers: readonly string[];
  readonly webSeeds: readonly string[];
  /** Peers to ask first, from `x.pe`; hosts may be names. */
  readonly peers: readonly MagnetPeer[];
  /** Files to download, as inclusive ranges of indices (BEP 53); null for all. */
  readonly selectOnly: readonly IndexRange[] | null;
}

export interface MagnetPeer {
  /** An IPv4 or IPv6 address, without brackets, or a host name. */
  readonly host: string;
  readonly port: number;
}

export interface IndexRange {
  readonly first: number;
  readonly last: number;
}

/** Magnets with dozens of trackers stay far below; a page can make a browser hand over anything. */
const MAX_MAGNET_LENGTH = 64 * 1024;
/** SHA-256, 32 bytes, in the multihash format (BEP 52). */
const MULTIHASH_PREFIX = "1220";
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * Reads a magnet link. Parameters that are unknown, and peers that are no `host:port`, are ignored.
 * @throws {MagnetError} when it is none, has no BitTorrent infohash, or contradicts itself.
 * @see BEP 9, BEP 52, BEP 53
 */
export function parseMagnet(uri: string): Magnet {
  if (uri.length > MAX_MAGNET_LENGTH || !/^magnet:\?/i.test(uri)) {
    throw new MagnetError(
      "not-a-magnet",
      `Expected a link that starts with "magnet:?", of at most ${MAX_MAGNET_LENGTH} characters`,
    );
  }
  const parameters = readParameters(uri.slice("magnet:?".length));
  const { infoHashV1, infoHashV2 } = readTopics(parameters.get("xt") ?? []);
  if (infoHashV1 === null && infoHashV2 === null) {
    throw new MagnetError(
      "missing-info-hash",
      'The magnet link names no torrent: it has no "xt=urn:btih:" or "xt=urn:btmh:"',
    );
  }
  const name = parameters.get("dn")?.[0]?.replaceAll("+", " ");
  const selection = parameters.get("so")?.[0];
  return {
    infoHashV1,
    infoHashV2,
    name: name === undefined ? null : decodePercent(name),
    trackers: readUrls(parameters.get("tr")),
    webSeeds: readUrls(parameters.get("ws")),
    peers: (parameters.get("x.pe") ?? []).flatMap((text) => parsePeer(decodePercent(text)) ?? []),
    selectOnly: selection === undefined ? null : parseSelection(decodePercent(selection)),
  };
}

/**
 * Writes a magnet link. Infohashes come first, then the name, trackers, web seeds, peers, selection.
 * @throws {RangeError} when there is no infohash, or one of a wrong length.
 */
export function formatMagnet(
  magnet: Pick<Magnet, "infoHashV1" | "infoHashV2"> & Partial<Magnet>,
): string {
  const { infoHashV1, infoHashV2, name, trackers, webSeeds, peers, selectOnly } = magnet;
  if (infoHashV1 === null && infoHashV2 === null) throw new RangeError("Expected an infohash");
  if ((infoHashV1?.length ?? 20) !== 20 || (infoHashV2?.length ?? 32) !== 32) {
    throw new RangeError("Expected infohashes of 20 (v1) and 32 (v2) bytes");
  }
  const parameters: string[] = [];
  if (infoHashV1) parameters.push(`xt=urn:btih:${toHex(infoHashV1)}`);
  if (infoHashV2) parameters.push(`xt=urn:btmh:${MULTIHASH_PREFIX}${toHex(infoHashV2)}`);
  const add = (key: string, value: string) => {
    parameters.push(`${key}=${encodeURIComponent(value.toWellFormed())}`);
  };
  if (name) add("dn", name);
  for (const tracker of trackers ?? []) add("tr", tracker);
  for (const webSeed of webSeeds ?? []) add("ws", webSeed);
  for (const { host, port } of peers ?? []) {
    parameters.push(`x.pe=${host.includes(":") ? `[${host}]` : host}:${port}`);
  }
  if (selectOnly) {
    const ranges = selectOnly.map(({ first, last }) =>
      first === last ? first : `${first}-${last}`,
    );
    parameters.push(`so=${ranges.join(",")}`);
  }
  return `magnet:?${parameters.join("&")}`;
}

/** Values by lower-case key, still percent-encoded. `tr.1` counts as `tr`, as `xt.1` does as `xt`. */
function readParameters(query: string): Map<string, string[]> {
  const parameters = new Map<string, string[]>();
  for (const part of query.split("&")) {
    const equals = part.indexOf("=");
    if (equals < 0) continue;
    const key = decodePercent(part.slice(0, equals))
      .toLowerCase()
      .replace(/\.\d+$/, "");
    const values = parameters.get(key) ?? [];
    values.push(part.slice(equals + 1));
    parameters.set(key, values);
  }
  return parameters;
}

function readTopics(topics: readonly string[]): Pick<Magnet, "infoHashV1" | "infoHashV2"> {
  let infoHashV1: Uint8Array | null = null;
  let infoHashV2: Uint8Array | null = null;
  for (const encoded of topics) {
    const topic = decodePercent(encoded);
    const [, kind, value] = /^urn:(btih|btmh):(.*)$/is.exec(topic) ?? [];
    if (kind === undefined || value === undefined) continue;
    if (kind.toLowerCase() === "btih") {
      infoHashV1 = onlyOne(infoHashV1, parseInfoHashV1(value));
    } else {
      infoHashV2 = onlyOne(infoHashV2, parseInfoHashV2(value));
    }
  }
  return { infoHashV1, infoHashV2 };
}

function onlyOne(known: Uint8Array | null, found: Uint8Array): Uint8Array {
  if (known !== null && Buffer.compare(known, found) !== 0) {
    throw new MagnetError(
      "invalid-info-hash",
      `The magnet link names two torrents, ${toHex(known)} and ${toHex(found)}`,
    );
  }
  return found;
}

function parseInfoHashV1(text: string): Uint8Array {
  if (/^[0-9a-f]{40}$/i.test(text)) return fromHex(text);
  if (/^[a-z2-7]{32}$/i.test(text)) return decodeBase32(text.toUpperCase());
  throw new MagnetError(
    "invalid-info-hash",
    `A "urn:btih:" is followed by 40 hex digits or 32 base32 characters, not by ${show(text)}`,
  );
}

function parseInfoHashV2(text: string): Uint8Array {
  if (/^1220[0-9a-f]{64}$/i.test(text)) {
    return fromHex(text.slice(MULTIHASH_PREFIX.length));
  }
  throw new MagnetError(
    "invalid-info-hash",
    `A "urn:btmh:" is followed by 1220 and 64 hex digits, not by ${show(text)}`,
  );
}

/** 32 characters of 5 bits: 20 bytes (RFC 4648). */
function decodeBase32(text: string): Uint8Array {
  let bits = 0n;
  for (const character of text) bits = (bits << 5n) | BigInt(BASE32.indexOf(character));
  return fromHex(bits.toString(16).padStart(40, "0"));
}

function parseSelection(text: string): IndexRange[] {
  return text.split(",").map((part) => {
    const [, first, last] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? [];
    const range = { first: Number(first), last: Number(last ?? first) };
    if (first === undefined || range.last < range.first) {
      throw new MagnetError(
        "invalid-selection",
        `"so" is a list of file indices and ranges such as 0,2,4-6, not ${show(text)}`,
      );
    }
    return range;
  });
}

function parsePeer(text: string): MagnetPeer | null {
  const [, bracketed, plain, port] =
    /^(?:\[([0-9a-f:.]+)\]|([^[\]:\s]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = Number(port);
  if (host === undefined || number < 1 || number > 65_535) return null;
  return { host, port: number };
}

function readUrls(values: readonly string[] = []): string[] {
  const urls = values.map((value) => decodePercent(value).trim());
  return [...new Set(urls)].filter((url) => url !== "");
}

/** Percent-decoding that never fails: what is no escape stays, and bytes that are no UTF-8 become U+FFFD. */
function decodePercent(text: string): string {
  if (!text.includes("%")) return text;
  const bytes = Buffer.from(text, "utf8");
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const digits = bytes.toString("latin1", at + 1, at + 3);
    if (bytes[at] === 0x25 && /^[0-9a-f]{2}$/i.test(digits)) {
      bytes[length] = Number.parseInt(digits, 16);
      at += 2;
    } else {
      bytes[length] = bytes[at]!;
    }
    length += 1;
  }
  return bytes.toString("utf8", 0, length);
}

function show(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
