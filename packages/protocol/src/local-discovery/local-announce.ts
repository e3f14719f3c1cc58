import { fromHex, toHex } from "../bytes/hex.ts";

/** Where local announces go: organisation-local for IPv4, site-local for IPv6 (BEP 14). */
export const LOCAL_GROUPS = { 4: "239.192.152.143", 6: "ff15::efc0:988f" } as const;
export const LOCAL_PORT = 6771;
/** Infohashes of an announce that is sent: more would not fit into 1,400 bytes. */
export const MAX_LOCAL_HASHES = 24;

/** An announce is a packet of at most 1,400 bytes (BEP 14); others may send somewhat more. */
const MAX_BYTES = 1500;
/** Cookies serve to know oneself again; clients send some ten characters. */
const MAX_COOKIE_LENGTH = 64;

/** What a client tells its local network: which swarms it is in. */
export interface LocalAnnounce {
  /** Where peers reach it. */
  readonly port: number;
  /** 20 bytes each. */
  readonly infoHashes: readonly Uint8Array[];
  /** Tells the sender's own announces apart. */
  readonly cookie: string | null;
}

/**
 * The datagram of an announce.
 * @param family Of the group that it is sent to.
 * @see BEP 14
 */
export function encodeLocalAnnounce(announce: LocalAnnounce, family: 4 | 6): Uint8Array {
  const { port, infoHashes, cookie } = announce;
  const group = family === 4 ? LOCAL_GROUPS[4] : `[${LOCAL_GROUPS[6]}]`;
  const lines = [
    "BT-SEARCH * HTTP/1.1",
    `Host: ${group}:${LOCAL_PORT}`,
    `Port: ${port}`,
    ...infoHashes.map((infoHash) => `Infohash: ${toHex(infoHash)}`),
    ...(cookie === null ? [] : [`cookie: ${cookie}`]),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n\r\n`, "latin1");
}

/**
 * Reads an announce; headers that are not known, and infohashes that are none, are passed over.
 * @returns null when it is none: anything may come over multicast.
 */
export function decodeLocalAnnounce(bytes: Uint8Array): LocalAnnounce | null {
  if (bytes.length > MAX_BYTES) return null;
  const [request, ...headers] = Buffer.from(bytes).toString("latin1").split("\r\n");
  if (!/^BT-SEARCH \* HTTP\/1\.\d$/.test(request ?? "")) return null;
  let port = 0;
  let cookie: string | null = null;
  const hashes = new Set<string>();
  for (const header of headers) {
    const colon = header.indexOf(":");
    const value = header.slice(colon + 1).trim();
    switch (header.slice(0, Math.max(colon, 0)).toLowerCase()) {
      case "port":
        port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
        break;
      case "infohash":
        if (/^[0-9a-f]{40}$/i.test(value)) hashes.add(value.toLowerCase());
        break;
      case "cookie":
        cookie = value.slice(0, MAX_COOKIE_LENGTH);
        break;
      default:
    }
  }
  if (port === 0 || port > 65_535 || hashes.size === 0) return null;
  return { port, cookie, infoHashes: [...hashes].map(fromHex) };
}
