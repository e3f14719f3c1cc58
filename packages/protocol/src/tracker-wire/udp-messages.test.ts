import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { testDecoder } from "../fuzz/test-decoder.ts";
import { decodeUdpOptions, encodeUdpOptions } from "./udp-options.ts";
import {
  decodeUdpRequest,
  encodeUdpAnnounceRequest,
  encodeUdpConnectRequest,
  encodeUdpScrapeRequest,
} from "./udp-request.ts";
import {
  decodeUdpResponse,
  encodeUdpAnnounceResponse,
  encodeUdpConnectResponse,
  encodeUdpErrorResponse,
  encodeUdpScrapeResponse,
  udpPeerLimit,
} from "./udp-response.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const infoHash = new Uint8Array(20).fill(0xaa);
const peerId = new Uint8Array(20).fill(0xbb);
const announce = {
  transactionId: 0x01020304,
  connectionId: 0x1122334455667788n,
  infoHash,
  peerId,
  downloadedBytes: 1,
  leftBytes: 2 ** 40,
  uploadedBytes: 3,
  key: 0xdeadbeef,
  port: 6881,
};

test("BEP 15: a connect request is the protocol ID, action 0 and the transaction ID", () => {
  assert.equal(hex(encodeUdpConnectRequest(0x01020304)), "00000417271019800000000001020304");
});

test("BEP 15: an announce request has its fields where the table says", () => {
  const bytes = encodeUdpAnnounceRequest({ ...announce, event: "started", numWant: 50 });
  assert.equal(
    hex(bytes),
    "1122334455667788" + // connection_id
      "00000001" + // action
      "01020304" + // transaction_id
      "aa".repeat(20) +
      "bb".repeat(20) +
      "0000000000000001" + // downloaded
      "0000010000000000" + // left
      "0000000000000003" + // uploaded
      "00000002" + // event: started
      "00000000" + // IP address
      "deadbeef" + // key
      "00000032" + // num_want
      "1ae1", // port
  );
});

test("BEP 15: no event is 0, completed 1, stopped 3, and no num_want is -1", () => {
  const eventOf = (event?: "completed" | "stopped"): string =>
    hex(encodeUdpAnnounceRequest({ ...announce, ...(event && { event }) }).subarray(80, 84));
  assert.equal(eventOf(), "00000000");
  assert.equal(eventOf("completed"), "00000001");
  assert.equal(eventOf("stopped"), "00000003");
  assert.equal(hex(encodeUdpAnnounceRequest(announce).subarray(92, 96)), "ffffffff");
});

test("BEP 41: path and query follow the announce in parts of up to 255 bytes", () => {
  assert.equal(hex(encodeUdpOptions("/a?b")), "02042f613f6200");
  const long = `/${"x".repeat(600)}`;
  const options = encodeUdpOptions(long);
  assert.deepEqual([options[1], options[258], options[515]], [255, 255, 91]);
  assert.equal(decodeUdpOptions(options, 0), long);
});

test("BEP 41: options that are not known are skipped, and a cut-off one ends the list", () => {
  assert.equal(decodeUdpOptions(fromHex("010903aabbcc02022f610002012f"), 0), "/a");
  assert.equal(decodeUdpOptions(fromHex("02022f6102ff41"), 0), "/a");
  assert.equal(decodeUdpOptions(fromHex("00"), 0), undefined);
  assert.equal(decodeUdpOptions(fromHex("02"), 0), undefined);
});

test("requests survive being written and read", () => {
  const requiredKeys = [
    "transactionId",
    "connectionId",
    "infoHash",
    "peerId",
    "downloadedBytes",
    "leftBytes",
    "uploadedBytes",
    "key",
    "port",
  ] as const;
  const twenty = fc.uint8Array({ minLength: 20, maxLength: 20 });
  const u32 = fc.nat(2 ** 32 - 1);
  const bytesLeft = fc.nat(Number.MAX_SAFE_INTEGER);
  const request = fc.record(
    {
      transactionId: u32,
      connectionId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      infoHash: twenty,
      peerId: twenty,
      downloadedBytes: bytesLeft,
      leftBytes: bytesLeft,
      uploadedBytes: bytesLeft,
      key: u32,
      port: fc.nat(65535),
      numWant: fc.nat(1000),
      event: fc.constantFrom("started" as const, "completed" as const, "stopped" as const),
      urlData: fc.string({ minLength: 1, maxLength: 300 }).map(encodeURI),
    },
    { requiredKeys: [...requiredKeys] },
  );
  fc.assert(
    fc.property(request, (request) => {
      const read = decodeUdpRequest(encodeUdpAnnounceRequest(request));
      assert.ok(read.action === "announce");
      for (const name of [...requiredKeys, "numWant", "event", "urlData"] as const) {
        assert.deepEqual(read[name], request[name], name);
      }
    }),
  );
  const scrape = { transactionId: 7, connectionId: 9n, infoHashes: [infoHash, peerId] };
  assert.deepEqual(decodeUdpRequest(encodeUdpScrapeRequest(scrape)), {
    action: "scrape",
    ...scrape,
  });
});

test("BEP 15: responses are read as they were written, peers by the family they came by", () => {
  const peers = fromHex("0102030400050607080900ff");
  const answer = { intervalS: 1800, leechers: 4, seeders: 5, peers };
  assert.equal(
    hex(encodeUdpAnnounceResponse(0x01020304, answer)),
    `0000000101020304000007080000000400000005${hex(peers)}`,
  );
  const read = decodeUdpResponse(encodeUdpAnnounceResponse(1, answer), 4);
  assert.deepEqual(read, {
    action: "announce",
    transactionId: 1,
    response: {
      kind: "announce",
      intervalS: 1800,
      leechers: 4,
      seeders: 5,
      peers: [
        { address: "1.2.3.4", port: 5 },
        { address: "6.7.8.9", port: 255 },
      ],
    },
  });
  const peers6 = fromHex(`${"20010db8".padEnd(30, "0")}010050`);
  const read6 = decodeUdpResponse(encodeUdpAnnounceResponse(1, { ...answer, peers: peers6 }), 6);
  assert.ok(read6.action === "announce");
  assert.deepEqual(read6.response.peers, [{ address: "2001:db8::1", port: 80 }]);
  const figures = [{ seeders: 1, completed: 2, leechers: 3 }];
  assert.deepEqual(decodeUdpResponse(encodeUdpScrapeResponse(2, figures), 4), {
    action: "scrape",
    transactionId: 2,
    figures,
  });
  assert.deepEqual(decodeUdpResponse(encodeUdpConnectResponse(3, 2n ** 63n), 4), {
    action: "connect",
    transactionId: 3,
    connectionId: 2n ** 63n,
  });
});

test("an announce response is written into memory that is given, where it fits", () => {
  const answer = { intervalS: 1, leechers: 2, seeders: 3, peers: new Uint8Array(12).fill(9) };
  const memory = new Uint8Array(40).fill(0xff);
  const written = encodeUdpAnnounceResponse(7, answer, memory);
  assert.equal(written.buffer, memory.buffer);
  assert.equal(hex(written), hex(encodeUdpAnnounceResponse(7, answer)));
  assert.throws(() => encodeUdpAnnounceResponse(7, answer, memory.subarray(0, 31)), RangeError);
});

test("a tracker's error is text that a terminal can show", () => {
  const read = decodeUdpResponse(encodeUdpErrorResponse(1, "no\u001b[2J \u202eway"), 4);
  assert.deepEqual(read, { action: "error", transactionId: 1, message: "no [2J  way" });
});

test("an announce response without a body is opentracker's refusal", () => {
  const read = decodeUdpResponse(fromHex("0000000101020304"), 4);
  assert.equal(read.action, "error");
});

test("what is short, unknown or not opened by the protocol ID is refused", () => {
  const refuses = (bytes: Uint8Array, code: string): void =>
    assert.throws(() => decodeUdpRequest(bytes), { name: "TrackerWireError", code });
  refuses(new Uint8Array(15), "too-short");
  refuses(new Uint8Array(16), "bad-connect");
  refuses(encodeUdpAnnounceRequest(announce).subarray(0, 97), "too-short");
  refuses(fromHex("00000000000000000000000900000000"), "unknown-action");
  assert.throws(() => decodeUdpResponse(new Uint8Array(7), 4), { code: "too-short" });
  assert.throws(() => decodeUdpResponse(fromHex("0000000900000000"), 4), {
    code: "unknown-action",
  });
  assert.throws(
    () => encodeUdpAnnounceRequest({ ...announce, infoHash: new Uint8Array(32) }),
    RangeError,
  );
  assert.throws(() => encodeUdpScrapeRequest({ ...announce, infoHashes: [] }), RangeError);
});

test("a full answer fits into a datagram that nothing fragments", () => {
  assert.ok(20 + udpPeerLimit(4) * 6 <= 1232);
  assert.ok(20 + udpPeerLimit(6) * 18 <= 1232);
});

testDecoder({
  name: "decodeUdpRequest",
  decode: (bytes) => {
    const request = decodeUdpRequest(bytes);
    return request.action === "announce" ? [request.event, request.urlData] : request;
  },
  corpus: [
    encodeUdpConnectRequest(1),
    encodeUdpAnnounceRequest({ ...announce, event: "started", urlData: "/announce?key=1" }),
    encodeUdpScrapeRequest({ ...announce, infoHashes: [infoHash, peerId] }),
  ],
});

testDecoder({
  name: "decodeUdpResponse",
  decode: (bytes) => [decodeUdpResponse(bytes, 4), decodeUdpResponse(bytes, 6)],
  corpus: [
    encodeUdpConnectResponse(1, 2n),
    encodeUdpAnnounceResponse(1, {
      intervalS: 1,
      leechers: 2,
      seeders: 3,
      peers: new Uint8Array(36).fill(1),
    }),
    encodeUdpScrapeResponse(1, [{ seeders: 1, completed: 2, leechers: 3 }]),
    encodeUdpErrorResponse(1, "no"),
  ],
});
