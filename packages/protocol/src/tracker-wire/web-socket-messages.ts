import { TrackerWireError } from "../errors.ts";
import { cleanText } from "./clean-text.ts";
import { MAX_SCRAPE_INFO_HASHES } from "./messages.ts";
import type { AnnounceEvent, ScrapeEntry } from "./messages.ts";

/**
 * Messages between browsers' peers and WebSocket trackers, as WebTorrent introduced them: JSON, with
 * every 20 bytes written as 20 characters of which each stands for one byte. A tracker carries the
 * session descriptions (SDP) by which two peers open a WebRTC connection.
 */

/** Offers of one announce that are taken at most: as many as WebTorrent's own trackers pass on. */
export const MAX_OFFERS = 10;
/** A session description with many candidates is about 3 kB. */
export const MAX_SDP_LENGTH = 16 * 1024;

/** A session description: how to reach one end of a WebRTC connection to be. */
export interface SessionDescription {
  readonly type: "offer" | "answer";
  readonly sdp: string;
}

export interface WebSocketOffer {
  /** 20 bytes, by which the answer is told from others. */
  readonly offerId: Uint8Array;
  readonly offer: SessionDescription;
}

export interface WebSocketAnnounce {
  readonly action: "announce";
  readonly infoHash: Uint8Array;
  readonly peerId: Uint8Array;
  readonly event?: AnnounceEvent;
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  /** Null when it does not say. */
  readonly leftBytes: number | null;
  readonly numWant?: number;
  readonly offers: readonly WebSocketOffer[];
}

/** An answer to another peer's offer, on its way through the tracker. */
export interface WebSocketAnswer {
  readonly action: "answer";
  readonly infoHash: Uint8Array;
  readonly peerId: Uint8Array;
  readonly toPeerId: Uint8Array;
  readonly offerId: Uint8Array;
  readonly answer: SessionDescription;
}

export interface WebSocketScrape {
  readonly action: "scrape";
  readonly infoHashes: readonly Uint8Array[];
}

/** What a peer sends to a WebSocket tracker. */
export type WebSocketTrackerRequest = WebSocketAnnounce | WebSocketAnswer | WebSocketScrape;

/** What a WebSocket tracker sends to a peer. */
export type WebSocketTrackerResponse =
  | {
      readonly kind: "announce";
      readonly infoHash: Uint8Array;
      readonly intervalS: number;
      readonly seeders: number;
      readonly leechers: number;
    }
  | ({ readonly kind: "offer" } & WebSocketOffer & PeerOfSwarm)
  | ({ readonly kind: "answer"; readonly offerId: Uint8Array } & PeerOfSwarm & {
        readonly answer: SessionDescription;
      })
  | { readonly kind: "scrape"; readonly entries: readonly ScrapeEntry[] }
  | { readonly kind: "failure"; readonly reason: string; readonly infoHash?: Uint8Array };

interface PeerOfSwarm {
  readonly infoHash: Uint8Array;
  readonly peerId: Uint8Array;
}

/**
 * Reads a peer's message.
 * @throws {TrackerWireError} `bad-query` when it is no JSON object, or a field is missing or malformed.
 */
export function parseWebSocketRequest(text: string): WebSocketTrackerRequest {
  const fields = parseObject(text);
  if (fields["action"] === "scrape") return { action: "scrape", infoHashes: takeHashes(fields) };
  if (fields["action"] !== "announce") {
    throw broken(`expected the action announce or scrape`);
  }
  const infoHash = takeTwentyBytes(fields, "info_hash");
  const peerId = takeTwentyBytes(fields, "peer_id");
  if (fields["answer"] !== undefined) {
    return {
      action: "answer",
      infoHash,
      peerId,
      toPeerId: takeTwentyBytes(fields, "to_peer_id"),
      offerId: takeTwentyBytes(fields, "offer_id"),
      answer: takeDescription(fields["answer"], "answer"),
    };
  }
  const event = fields["event"];
  const numWant = takeCount(fields["numwant"]);
  return {
    action: "announce",
    infoHash,
    peerId,
    uploadedBytes: takeCount(fields["uploaded"]) ?? 0,
    downloadedBytes: takeCount(fields["downloaded"]) ?? 0,
    leftBytes: takeCount(fields["left"]),
    offers: takeOffers(fields["offers"]),
    ...((event === "started" || event === "completed" || event === "stopped") && { event }),
    ...(numWant !== null && { numWant }),
  };
}

/** Writes what a peer sends to a WebSocket tracker. */
export function encodeWebSocketRequest(request: WebSocketTrackerRequest): string {
  if (request.action === "scrape") {
    return JSON.stringify({ action: "scrape", info_hash: request.infoHashes.map(toBinary) });
  }
  const who = {
    action: "announce",
    info_hash: toBinary(request.infoHash),
    peer_id: toBinary(request.peerId),
  };
  if (request.action === "answer") {
    const { toPeerId, offerId, answer } = request;
    return JSON.stringify({
      ...who,
      to_peer_id: toBinary(toPeerId),
      offer_id: toBinary(offerId),
      answer,
    });
  }
  return JSON.stringify({
    ...who,
    numwant: request.numWant,
    uploaded: request.uploadedBytes,
    downloaded: request.downloadedBytes,
    left: request.leftBytes,
    event: request.event,
    offers: request.offers.map(({ offerId, offer }) => ({ offer, offer_id: toBinary(offerId) })),
  });
}

/** Writes what a WebSocket tracker sends to a peer. */
export function encodeWebSocketResponse(response: WebSocketTrackerResponse): string {
  switch (response.kind) {
    case "announce": {
      const { infoHash, intervalS, seeders, leechers } = response;
      return JSON.stringify({
        action: "announce",
        info_hash: toBinary(infoHash),
        interval: intervalS,
        complete: seeders,
        incomplete: leechers,
      });
    }
    case "offer":
    case "answer":
      return JSON.stringify({
        action: "announce",
        info_hash: toBinary(response.infoHash),
        peer_id: toBinary(response.peerId),
        offer_id: toBinary(response.offerId),
        ...(response.kind === "offer" ? { offer: response.offer } : { answer: response.answer }),
      });
    case "scrape": {
      const files = response.entries.map(({ infoHash, seeders, leechers, completed }) => [
        toBinary(infoHash),
        { complete: seeders, incomplete: leechers, downloaded: completed },
      ]);
      return JSON.stringify({ action: "scrape", files: Object.fromEntries(files) as object });
    }
    default: {
      const { reason, infoHash } = response;
      return JSON.stringify({
        action: "announce",
        "failure reason": reason,
        ...(infoHash !== undefined && { info_hash: toBinary(infoHash) }),
      });
    }
  }
}

/**
 * Reads a WebSocket tracker's message.
 * @throws {TrackerWireError} `bad-query` when it is no JSON object, or a field is missing or malformed.
 */
export function parseWebSocketResponse(text: string): WebSocketTrackerResponse {
  const fields = parseObject(text);
  const reason = fields["failure reason"];
  if (typeof reason === "string") {
    const infoHash = fromBinary(fields["info_hash"]);
    const shown = cleanText(new TextEncoder().encode(reason));
    return { kind: "failure", reason: shown, ...(infoHash !== null && { infoHash }) };
  }
  if (fields["action"] === "scrape") return { kind: "scrape", entries: takeEntries(fields) };
  if (fields["action"] !== "announce") throw broken("expected the action announce or scrape");
  const infoHash = takeTwentyBytes(fields, "info_hash");
  if (fields["offer"] !== undefined || fields["answer"] !== undefined) {
    const peerId = takeTwentyBytes(fields, "peer_id");
    const offerId = takeTwentyBytes(fields, "offer_id");
    return fields["offer"] !== undefined
      ? {
          kind: "offer",
          infoHash,
          peerId,
          offerId,
          offer: takeDescription(fields["offer"], "offer"),
        }
      : {
          kind: "answer",
          infoHash,
          peerId,
          offerId,
          answer: takeDescription(fields["answer"], "answer"),
        };
  }
  return {
    kind: "announce",
    infoHash,
    intervalS: takeCount(fields["interval"]) ?? 0,
    seeders: takeCount(fields["complete"]) ?? 0,
    leechers: takeCount(fields["incomplete"]) ?? 0,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function parseObject(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw broken("expected JSON", cause);
  }
  return asObject(value);
}

function asObject(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw broken("expected an object");
  }
  return value as Fields;
}

function takeTwentyBytes(fields: Fields, name: string): Uint8Array {
  const bytes = fromBinary(fields[name]);
  if (bytes === null) throw broken(`expected 20 bytes of ${name}, one character each`);
  return bytes;
}

function takeHashes(fields: Fields): Uint8Array[] {
  const value = fields["info_hash"];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list
    .slice(0, MAX_SCRAPE_INFO_HASHES)
    .map((item) => takeTwentyBytes({ info_hash: item }, "info_hash"));
}

function takeEntries(fields: Fields): ScrapeEntry[] {
  return Object.entries(asObject(fields["files"]))
    .slice(0, MAX_SCRAPE_INFO_HASHES)
    .map(([name, figures]) => {
      const of = asObject(figures);
      return {
        infoHash: takeTwentyBytes({ info_hash: name }, "info_hash"),
        seeders: takeCount(of["complete"]) ?? 0,
        leechers: takeCount(of["incomplete"]) ?? 0,
        completed: takeCount(of["downloaded"]) ?? 0,
      };
    });
}

function takeOffers(value: unknown): WebSocketOffer[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw broken("expected a list of offers");
  return (value as readonly unknown[]).slice(0, MAX_OFFERS).map((item) => {
    const fields = asObject(item);
    return {
      offerId: takeTwentyBytes(fields, "offer_id"),
      offer: takeDescription(fields["offer"], "offer"),
    };
  });
}

function takeDescription(value: unknown, type: "offer" | "answer"): SessionDescription {
  const { sdp, type: said } = asObject(value);
  if (typeof sdp !== "string" || sdp.length > MAX_SDP_LENGTH || said !== type) {
    throw broken(`expected ${type} to have its type and an sdp of at most ${MAX_SDP_LENGTH}`);
  }
  return { type, sdp };
}

/** Whole numbers from 0; anything else, such as WebTorrent's null, says nothing. */
function takeCount(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
}

function toBinary(bytes: Uint8Array): string {
  if (bytes.length !== 20) throw new RangeError(`expected 20 bytes, got ${bytes.length}`);
  return String.fromCharCode(...bytes);
}

function fromBinary(value: unknown): Uint8Array | null {
  if (typeof value !== "string" || value.length !== 20) return null;
  const bytes = new Uint8Array(20);
  for (let at = 0; at < 20; at++) {
    const code = value.charCodeAt(at);
    if (code > 0xff) return null;
    bytes[at] = code;
  }
  return bytes;
}

function broken(message: string, cause?: unknown): TrackerWireError {
  return new TrackerWireError("bad-query", null, message, { cause });
}
