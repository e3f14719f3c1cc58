import { TrackerWireError } from "../errors.ts";
import { MAX_SCRAPE_INFO_HASHES } from "./messages.ts";
import type { AnnounceEvent, AnnounceRequest } from "./messages.ts";
import { decodeUdpOptions, encodeUdpOptions } from "./udp-options.ts";

/** Opens every connect request, so that other protocols' datagrams are told apart (BEP 15). */
export const UDP_PROTOCOL_ID = 0x41727101980n;

export const UDP_ACTION = { connect: 0, announce: 1, scrape: 2, error: 3 } as const;

const HEADER_BYTES = 16;
const ANNOUNCE_BYTES = 98;
const EVENTS = [undefined, "completed", "started", "stopped"] as const;

export interface UdpConnectRequest {
  readonly action: "connect";
  readonly transactionId: number;
}

/** An announce as a client writes it. */
export interface UdpAnnounceRequest extends AnnounceRequest {
  readonly transactionId: number;
  readonly connectionId: bigint;
  /** Path and query of the tracker's URL (BEP 41). */
  readonly urlData?: string;
}

export interface UdpScrapeRequest {
  readonly action: "scrape";
  readonly transactionId: number;
  readonly connectionId: bigint;
  readonly infoHashes: readonly Uint8Array[];
}

export type UdpTrackerRequest = UdpConnectRequest | ReceivedUdpAnnounce | UdpScrapeRequest;

/** Writes a connect request (BEP 15): 16 bytes. */
export function encodeUdpConnectRequest(transactionId: number): Uint8Array {
  return writeHeader(
    new Uint8Array(HEADER_BYTES),
    UDP_PROTOCOL_ID,
    UDP_ACTION.connect,
    transactionId,
  );
}

/**
 * Writes an announce request (BEP 15), with the URL's path and query as options where given (BEP 41).
 * @throws {RangeError} when the infohash or the peer ID is not 20 bytes.
 */
export function encodeUdpAnnounceRequest(request: UdpAnnounceRequest): Uint8Array {
  assertTwentyBytes("infohash", request.infoHash);
  assertTwentyBytes("peer ID", request.peerId);
  const options =
    request.urlData === undefined ? new Uint8Array() : encodeUdpOptions(request.urlData);
  const bytes = new Uint8Array(ANNOUNCE_BYTES + options.length);
  writeHeader(bytes, request.connectionId, UDP_ACTION.announce, request.transactionId);
  const view = new DataView(bytes.buffer);
  bytes.set(request.infoHash, 16);
  bytes.set(request.peerId, 36);
  view.setBigUint64(56, BigInt(request.downloadedBytes));
  view.setBigUint64(64, BigInt(request.leftBytes));
  view.setBigUint64(72, BigInt(request.uploadedBytes));
  view.setUint32(80, EVENTS.indexOf(request.event));
  // Bytes 84..88 ask for another address than the sender's. Left 0: trackers rightly ignore it.
  view.setUint32(88, request.key ?? 0);
  view.setInt32(92, request.numWant ?? -1);
  view.setUint16(96, request.port);
  bytes.set(options, ANNOUNCE_BYTES);
  return bytes;
}

/**
 * Writes a scrape request (BEP 15).
 * @throws {RangeError} when there are no infohashes, more than 74, or one is not 20 bytes.
 */
export function encodeUdpScrapeRequest(request: Omit<UdpScrapeRequest, "action">): Uint8Array {
  const { infoHashes } = request;
  if (infoHashes.length === 0 || infoHashes.length > MAX_SCRAPE_INFO_HASHES) {
    throw new RangeError(
      `a scrape takes 1 to ${MAX_SCRAPE_INFO_HASHES} infohashes, not ${infoHashes.length}`,
    );
  }
  const bytes = new Uint8Array(HEADER_BYTES + 20 * infoHashes.length);
  writeHeader(bytes, request.connectionId, UDP_ACTION.scrape, request.transactionId);
  for (const [index, infoHash] of infoHashes.entries()) {
    assertTwentyBytes("infohash", infoHash);
    bytes.set(infoHash, HEADER_BYTES + 20 * index);
  }
  return bytes;
}

/**
 * Reads a client's datagram. Byte fields are views into `bytes`, and an announce reads all of its fields there
 * when they are asked for: copy what is kept.
 * @throws {TrackerWireError} `too-short`, `bad-connect` (the protocol ID is missing) or `unknown-action`.
 */
export function decodeUdpRequest(bytes: Uint8Array): UdpTrackerRequest {
  assertLength(bytes, HEADER_BYTES);
  const action = uint32At(bytes, 8);
  switch (action) {
    case UDP_ACTION.connect:
      if (uint64At(bytes, 0) !== Number(UDP_PROTOCOL_ID)) {
        throw new TrackerWireError(
          "bad-connect",
          0,
          "a connect request opens with the protocol ID 0x41727101980",
        );
      }
      return { action: "connect", transactionId: uint32At(bytes, 12) };
    case UDP_ACTION.announce:
      assertLength(bytes, ANNOUNCE_BYTES);
      return new ReceivedUdpAnnounce(bytes);
    case UDP_ACTION.scrape:
      return {
        action: "scrape",
        transactionId: uint32At(bytes, 12),
        connectionId: connectionIdOf(bytes),
        infoHashes: decodeInfoHashes(bytes),
      };
    default:
      throw new TrackerWireError("unknown-action", 8, `expected action 0, 1 or 2, got ${action}`);
  }
}

/**
 * An announce as it came. A tracker reads a few fields of each, tens of thousands of times a second: making an
 * object of all of them took three times as long.
 */
export class ReceivedUdpAnnounce {
  readonly action = "announce";
  readonly #bytes: Uint8Array;

  /** @param bytes At least 98. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get connectionId(): bigint {
    return connectionIdOf(this.#bytes);
  }

  get transactionId(): number {
    return uint32At(this.#bytes, 12);
  }

  /** 20 bytes. */
  get infoHash(): Uint8Array {
    return this.#bytes.subarray(16, 36);
  }

  /** 20 bytes. */
  get peerId(): Uint8Array {
    return this.#bytes.subarray(36, 56);
  }

  get downloadedBytes(): number {
    return uint64At(this.#bytes, 56);
  }

  get leftBytes(): number {
    return uint64At(this.#bytes, 64);
  }

  get uploadedBytes(): number {
    return uint64At(this.#bytes, 72);
  }

  get event(): AnnounceEvent | undefined {
    return EVENTS[uint32At(this.#bytes, 80)];
  }

  get key(): number {
    return uint32At(this.#bytes, 88);
  }

  /** Peers wanted; undefined when that is the tracker's choice. */
  get numWant(): number | undefined {
    const wanted = uint32At(this.#bytes, 92) | 0;
    return wanted < 0 ? undefined : wanted;
  }

  get port(): number {
    return (this.#bytes[96]! << 8) | this.#bytes[97]!;
  }

  /** Path and query of the tracker's URL (BEP 41). */
  get urlData(): string | undefined {
    const bytes = this.#bytes;
    return bytes.length > ANNOUNCE_BYTES ? decodeUdpOptions(bytes, ANNOUNCE_BYTES) : undefined;
  }
}

function decodeInfoHashes(bytes: Uint8Array): Uint8Array[] {
  assertLength(bytes, HEADER_BYTES + 20);
  const count = Math.min(Math.floor((bytes.length - HEADER_BYTES) / 20), MAX_SCRAPE_INFO_HASHES);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(HEADER_BYTES + 20 * index, HEADER_BYTES + 20 * (index + 1)),
  );
}

function connectionIdOf(bytes: Uint8Array): bigint {
  return (BigInt(uint32At(bytes, 0)) << 32n) | BigInt(uint32At(bytes, 4));
}

/** Beyond 2^53 the exact figure is lost, which no tracker needs. */
function uint64At(bytes: Uint8Array, offset: number): number {
  return uint32At(bytes, offset) * 0x1_0000_0000 + uint32At(bytes, offset + 4);
}

function uint32At(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}

function writeHeader(
  bytes: Uint8Array,
  connectionId: bigint,
  action: number,
  transactionId: number,
): Uint8Array {
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, connectionId);
  view.setUint32(8, action);
  view.setUint32(12, transactionId);
  return bytes;
}

function assertTwentyBytes(what: string, bytes: Uint8Array): void {
  if (bytes.length !== 20) {
    throw new RangeError(
      `expected 20 bytes of ${what}, got ${bytes.length}; truncate a v2 infohash first`,
    );
  }
}

function assertLength(bytes: Uint8Array, atLeast: number): void {
  if (bytes.length < atLeast) {
    throw new TrackerWireError(
      "too-short",
      bytes.length,
      `expected a tracker request of at least ${atLeast} bytes, got ${bytes.length}`,
    );
  }
}
