import assert from "node:assert/strict";
import { test } from "node:test";

import { encodeBencode } from "../bencode/encode-bencode.ts";
import { testDecoder } from "../fuzz/test-decoder.ts";
import {
  encodeAnnounceResponse,
  encodeScrapeResponse,
  encodeTrackerFailure,
} from "./encode-http-response.ts";
import { parseAnnounceResponse, parseScrapeResponse } from "./http-response.ts";
import { MAX_TRACKER_PEERS } from "./messages.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
const peers4 = Uint8Array.of(1, 2, 3, 4, 0, 80, 5, 6, 7, 8, 0x1a, 0xe1);
const peers6 = Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Array<number>(11).fill(0), 1, 0, 80);
const listed = [
  { address: "1.2.3.4", port: 80 },
  { address: "5.6.7.8", port: 6881 },
  { address: "2001:db8::1", port: 80 },
];

test("BEP 23, BEP 7: compact peers of both families are read", () => {
  const answer = encodeAnnounceResponse(
    {
      intervalS: 900,
      minIntervalS: 60,
      seeders: 1,
      leechers: 2,
      completed: 3,
      peers4,
      peers6,
      externalIp: "9.8.7.6",
    },
    true,
  );
  assert.deepEqual(parseAnnounceResponse(answer), {
    kind: "announce",
    intervalS: 900,
    minIntervalS: 60,
    seeders: 1,
    leechers: 2,
    completed: 3,
    peers: listed,
    externalIp: "9.8.7.6",
  });
});

test("BEP 3: a list of dictionaries is read, with peer IDs", () => {
  const answer = encodeAnnounceResponse(
    { intervalS: 900, seeders: 0, leechers: 0, peers4, peers6 },
    false,
  );
  const parsed = parseAnnounceResponse(answer);
  assert.ok(parsed.kind === "announce");
  assert.deepEqual(parsed.peers, listed);
  const withId = parseAnnounceResponse(
    bytes(
      "d8:intervali1e5:peersld2:ip7:1.1.1.17:peer id20:aaaaaaaaaaaaaaaaaaaa4:porti5eed2:ip4:host4:porti5eed2:ip7:1.1.1.14:porti0eei7eee",
    ),
  );
  assert.ok(withId.kind === "announce");
  assert.deepEqual(withId.peers, [
    { address: "1.1.1.1", port: 5, peerId: bytes("aaaaaaaaaaaaaaaaaaaa") },
  ]);
});

test("warning and tracker ID are read, and what is of the wrong type counts as missing", () => {
  const answer = parseAnnounceResponse(
    bytes("d8:completei-4e10:incomplete1:x10:tracker id3:abc15:warning message4:slowe\n"),
  );
  assert.deepEqual(answer, {
    kind: "announce",
    intervalS: 1800,
    peers: [],
    warning: "slow",
    trackerId: "abc",
  });
});

test("BEP 31: a failure says when to come back, in minutes or never", () => {
  const parse = (retryInMinutes?: number | "never") =>
    parseAnnounceResponse(
      encodeTrackerFailure({
        reason: "go away",
        ...(retryInMinutes !== undefined && { retryInMinutes }),
      }),
    );
  assert.deepEqual(parse(), { kind: "failure", reason: "go away" });
  assert.deepEqual(parse(5), { kind: "failure", reason: "go away", retryInMinutes: 5 });
  assert.deepEqual(parse("never"), { kind: "failure", reason: "go away", retryInMinutes: "never" });
  assert.deepEqual(parseScrapeResponse(encodeTrackerFailure({ reason: "no" })), {
    kind: "failure",
    reason: "no",
  });
  assert.deepEqual(parseAnnounceResponse(bytes("d14:failure reason0:8:retry in1:9e")), {
    kind: "failure",
    reason: "",
    retryInMinutes: 9,
  });
});

test("BEP 48: scraped figures survive being written and read", () => {
  const entries = [
    { infoHash: new Uint8Array(20).fill(0x80), seeders: 1, leechers: 2, completed: 3 },
    { infoHash: new Uint8Array(20).fill(0xff), seeders: 4, leechers: 5, completed: 6 },
  ];
  assert.deepEqual(parseScrapeResponse(encodeScrapeResponse(entries, 60)), {
    kind: "scrape",
    entries,
    minIntervalS: 60,
  });
  assert.deepEqual(parseScrapeResponse(encodeScrapeResponse(entries)), { kind: "scrape", entries });
});

test("what is no bencoded dictionary is refused", () => {
  assert.throws(() => parseAnnounceResponse(bytes("le")), { code: "not-a-dictionary" });
  assert.throws(() => parseAnnounceResponse(bytes("<html>")), { name: "BencodeError" });
  assert.throws(() => parseAnnounceResponse(bytes("")), { name: "BencodeError" });
  assert.throws(() => parseAnnounceResponse(encodeBencode({ peers: new Uint8Array(2 ** 20) })), {
    name: "BencodeError",
  });
});

test("more peers than anyone connects to are not kept", () => {
  const many = encodeBencode({
    peers: new Uint8Array(6 * 5000).fill(1),
    peers6: new Uint8Array(18 * 99).fill(1),
  });
  const parsed = parseAnnounceResponse(many);
  assert.ok(parsed.kind === "announce");
  assert.equal(parsed.peers.length, MAX_TRACKER_PEERS);
});

const corpus = [
  encodeAnnounceResponse(
    { intervalS: 900, seeders: 1, leechers: 2, peers4, peers6, externalIp: "::1" },
    true,
  ),
  encodeAnnounceResponse({ intervalS: 900, seeders: 1, leechers: 2, peers4, peers6 }, false),
  encodeTrackerFailure({ reason: "x", retryInMinutes: "never" }),
  encodeScrapeResponse(
    [{ infoHash: new Uint8Array(20), seeders: 1, leechers: 2, completed: 3 }],
    1,
  ),
];
testDecoder({ name: "parseAnnounceResponse", decode: parseAnnounceResponse, corpus });
testDecoder({ name: "parseScrapeResponse", decode: parseScrapeResponse, corpus });
