import { compactLengthBytes, decodeCompactEndpoints } from "../endpoint/compact-endpoints.ts";
import type { AddressFamily } from "../endpoint/compact-endpoints.ts";
import { TrackerWireError } from "../errors.ts";
import { MAX_TRACKER_PEERS } from "./messages.ts";
import type { AnnounceResponse } from "./messages.ts";
import { cleanText } from "./clean-text.ts";
import { UDP_ACTION } from "./udp-request.ts";

const ANNOUNCE_HEADER_BYTES = 20;
const SCRAPE_ENTRY_BYTES = 12;

export interface UdpScrapeFigures {
  readonly seeders: number;
  readonly completed: number;
  readonly leechers: number;
}

/** A tracker's datagram. Peers are of the family that the datagram came by. */
export type UdpTrackerResponse = { readonly transactionId: number } & (
  | { readonly action: "connect"; readonly connectionId: bigint }
  | { readonly action: "announce"; readonly response: AnnounceResponse }
  | {
      readonly action: "scrape";
      /** In the order of the request's infohashes. */
      readonly figures: readonly UdpScrapeFigures[];
    }
  | { readonly action: "error"; readonly message: string }
);

/**
 * Reads a tracker's datagram (BEP 15).
 * @param family The address family that it came by: it decides how long a peer is.
 * @throws {TrackerWireError} `too-short` or `unknown-action`.
 */
export function decodeUdpResponse(bytes: Uint8Array, family: AddressFamily): UdpTrackerResponse {
  assertLength(bytes, 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const action = view.getUint32(0);
  const transactionId = view.getUint32(4);
  switch (action) {
    case UDP_ACTION.connect:
      assertLength(bytes, 16);
      return { action: "connect", transactionId, connectionId: view.getBigUint64(8) };
    case UDP_ACTION.announce:
      // What opentracker sends for a torrent that is not on its list.
      if (bytes.length === 8) {
        return { action: "error", transactionId, message: "the torrent is not served here" };
      }
      assertLength(bytes, ANNOUNCE_HEADER_BYTES);
      return {
        action: "announce",
        transactionId,
        response: {
          kind: "announce",
          intervalS: view.getUint32(8),
          leechers: view.getUint32(12),
          seeders: view.getUint32(16),
          peers: decodeCompactEndpoints(
            bytes.subarray(ANNOUNCE_HEADER_BYTES),
            family,
            MAX_TRACKER_PEERS,
          ),
        },
      };
    case UDP_ACTION.scrape:
      return { action: "scrape", transactionId, figures: decodeScrape(view) };
    case UDP_ACTION.error:
      return {
        action: "error",
        transactionId,
        message: cleanText(bytes.subarray(8)),
      };
    default:
      throw new TrackerWireError(
        "unknown-action",
        0,
        `expected action 0, 1, 2 or 3, got ${action}`,
      );
  }
}

function decodeScrape(view: DataView): UdpScrapeFigures[] {
  const figures: UdpScrapeFigures[] = [];
  for (let at = 8; at + SCRAPE_ENTRY_BYTES <= view.byteLength; at += SCRAPE_ENTRY_BYTES) {
    figures.push({
      seeders: view.getUint32(at),
      completed: view.getUint32(at + 4),
      leechers: view.getUint32(at + 8),
    });
  }
  return figures;
}

/** Writes the answer to a connect request (BEP 15). */
export function encodeUdpConnectResponse(transactionId: number, connectionId: bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  writeHeader(bytes, UDP_ACTION.connect, transactionId).setBigUint64(8, connectionId);
  return bytes;
}

/**
 * Writes the answer to an announce request (BEP 15).
 * @param peers Compact endpoints of the family that the request came by.
 * @param memory Where to write it: a tracker answers tens of thousands of announces a second.
 * @returns the written part of `memory`, or of memory of its own.
 * @throws {RangeError} when `memory` is too short.
 */
export function encodeUdpAnnounceResponse(
  transactionId: number,
  answer: { intervalS: number; leechers: number; seeders: number; peers: Uint8Array },
  memory?: Uint8Array,
): Uint8Array {
  const lengthBytes = ANNOUNCE_HEADER_BYTES + answer.peers.length;
  const bytes = memory?.subarray(0, lengthBytes) ?? new Uint8Array(lengthBytes);
  writeUint32(bytes, 0, UDP_ACTION.announce);
  writeUint32(bytes, 4, transactionId);
  writeUint32(bytes, 8, answer.intervalS);
  writeUint32(bytes, 12, answer.leechers);
  writeUint32(bytes, 16, answer.seeders);
  bytes.set(answer.peers, ANNOUNCE_HEADER_BYTES);
  return bytes;
}

/** Writes the answer to a scrape request (BEP 15), figures in the order of its infohashes. */
export function encodeUdpScrapeResponse(
  transactionId: number,
  figures: readonly UdpScrapeFigures[],
): Uint8Array {
  const bytes = new Uint8Array(8 + SCRAPE_ENTRY_BYTES * figures.length);
  const view = writeHeader(bytes, UDP_ACTION.scrape, transactionId);
  for (const [index, entry] of figures.entries()) {
    const at = 8 + SCRAPE_ENTRY_BYTES * index;
    view.setUint32(at, entry.seeders);
    view.setUint32(at + 4, entry.completed);
    view.setUint32(at + 8, entry.leechers);
  }
  return bytes;
}

/** Writes a refusal (BEP 15). */
export function encodeUdpErrorResponse(transactionId: number, message: string): Uint8Array {
  const text = new TextEncoder().encode(message);
  const bytes = new Uint8Array(8 + text.length);
  writeHeader(bytes, UDP_ACTION.error, transactionId);
  bytes.set(text, 8);
  return bytes;
}

/** Peers that fit beside the response's header into a datagram that no common link fragments. */
export function udpPeerLimit(family: AddressFamily): number {
  // 1280 is the smallest MTU of IPv6; 48 bytes go to the IPv6 and UDP headers.
  return Math.floor((1280 - 48 - ANNOUNCE_HEADER_BYTES) / compactLengthBytes(family));
}

function writeHeader(bytes: Uint8Array, action: number, transactionId: number): DataView {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(0, action);
  view.setUint32(4, transactionId);
  return view;
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function assertLength(bytes: Uint8Array, atLeast: number): void {
  if (bytes.length < atLeast) {
    throw new TrackerWireError(
      "too-short",
      bytes.length,
      `expected a tracker response of at least ${atLeast} bytes, got ${bytes.length}`,
    );
  }
}
