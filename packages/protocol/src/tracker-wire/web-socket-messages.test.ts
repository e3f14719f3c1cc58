import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TrackerWireError } from "../errors.ts";
import { testDecoder } from "../fuzz/test-decoder.ts";
import {
  encodeWebSocketRequest,
  encodeWebSocketResponse,
  parseWebSocketRequest,
  parseWebSocketResponse,
  type WebSocketTrackerRequest,
  type WebSocketTrackerResponse,
} from "./web-socket-messages.ts";

const hash = Uint8Array.from({ length: 20 }, (_, at) => at * 13);
const id = new Uint8Array(20).fill(0xff);
const offer = { type: "offer", sdp: "v=0\r\n" } as const;
const answer = { type: "answer", sdp: "v=0\r\n" } as const;

const requests: readonly WebSocketTrackerRequest[] = [
  {
    action: "announce",
    infoHash: hash,
    peerId: id,
    event: "started",
    uploadedBytes: 1,
    downloadedBytes: 2,
    leftBytes: 3,
    numWant: 4,
    offers: [{ offerId: hash, offer }],
  },
  { action: "answer", infoHash: hash, peerId: id, toPeerId: hash, offerId: id, answer },
  { action: "scrape", infoHashes: [hash, id] },
];

const responses: readonly WebSocketTrackerResponse[] = [
  { kind: "announce", infoHash: hash, intervalS: 120, seeders: 1, leechers: 2 },
  { kind: "offer", infoHash: hash, peerId: id, offerId: id, offer },
  { kind: "answer", infoHash: hash, peerId: id, offerId: id, answer },
  { kind: "scrape", entries: [{ infoHash: hash, seeders: 1, leechers: 2, completed: 3 }] },
  { kind: "failure", reason: "no", infoHash: hash },
];

test("WebSocket tracker messages come back as they were written", () => {
  for (const request of requests) {
    assert.deepEqual(parseWebSocketRequest(encodeWebSocketRequest(request)), request);
  }
  for (const response of responses) {
    assert.deepEqual(parseWebSocketResponse(encodeWebSocketResponse(response)), response);
  }
});

test("WebSocket tracker: an announce as WebTorrent writes it is understood", () => {
  const text = JSON.stringify({
    numwant: 5,
    uploaded: 0,
    downloaded: 0,
    left: null,
    event: "update",
    action: "announce",
    info_hash: "\u00ff".repeat(20),
    peer_id: "-WW0113-abcdefghijkl",
    offers: null,
  });
  const request = parseWebSocketRequest(text);
  assert.ok(request.action === "announce");
  assert.deepEqual(request.infoHash, id);
  assert.equal(request.leftBytes, null);
  assert.equal(request.event, undefined);
});

test("WebSocket tracker: what is malformed is refused by its field", () => {
  const announce = {
    action: "announce",
    info_hash: "a".repeat(20),
    peer_id: "b".repeat(20),
  };
  const broken: readonly unknown[] = [
    null,
    [],
    "text",
    {},
    { ...announce, action: "constructor" },
    { ...announce, info_hash: "a".repeat(19) },
    { ...announce, info_hash: "\u0100".repeat(20) },
    { ...announce, info_hash: ["a".repeat(20)] },
    { ...announce, peer_id: 7 },
    { ...announce, offers: {} },
    { ...announce, offers: [null] },
    { ...announce, offers: [{ offer_id: "c".repeat(20), offer: { type: "answer", sdp: "" } }] },
    { ...announce, offers: [{ offer_id: "c".repeat(20), offer: { type: "offer", sdp: 1 } }] },
    { ...announce, answer: { type: "answer", sdp: "x".repeat(16 * 1024 + 1) } },
    { action: "scrape", info_hash: [1] },
  ];
  for (const value of broken) {
    const parse = () => parseWebSocketRequest(JSON.stringify(value));
    assert.throws(parse, TrackerWireError, JSON.stringify(value));
  }
});

test("WebSocket tracker: offers and infohashes beyond the bound are left out", () => {
  const many = Array.from({ length: 100 }, () => ({ offerId: id, offer }));
  const announce = { ...requests[0]!, offers: many } as WebSocketTrackerRequest;
  const read = parseWebSocketRequest(encodeWebSocketRequest(announce));
  assert.equal(read.action === "announce" && read.offers.length, 10);
  const hashes = Array.from({ length: 100 }, () => hash);
  const scrape = encodeWebSocketRequest({ action: "scrape", infoHashes: hashes });
  const scraped = parseWebSocketRequest(scrape);
  assert.equal(scraped.action === "scrape" && scraped.infoHashes.length, 74);
});

test("WebSocket tracker: every 20 bytes survive as text", () => {
  const twenty = fc.uint8Array({ minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(twenty, twenty, (infoHash, peerId) => {
      const request = { ...requests[1]!, infoHash, peerId } as WebSocketTrackerRequest;
      assert.deepEqual(parseWebSocketRequest(encodeWebSocketRequest(request)), request);
    }),
  );
});

const encoder = new TextEncoder();
const decoder = new TextDecoder();
testDecoder({
  name: "parseWebSocketRequest",
  decode: (bytes) => parseWebSocketRequest(decoder.decode(bytes)),
  corpus: requests.map((request) => encoder.encode(encodeWebSocketRequest(request))),
});
testDecoder({
  name: "parseWebSocketResponse",
  decode: (bytes) => parseWebSocketResponse(decoder.decode(bytes)),
  corpus: responses.map((response) => encoder.encode(encodeWebSocketResponse(response))),
});
