import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { testDecoder } from "../fuzz/test-decoder.ts";
import {
  buildAnnounceUrl,
  buildScrapeUrl,
  parseAnnounceQuery,
  parseScrapeQuery,
} from "./http-query.ts";

const infoHash = Uint8Array.from(Buffer.from("123456789abcdef123456789abcdef123456789a", "hex"));
const peerId = Uint8Array.from(Buffer.from("-SH0100-abcdefghijkl"));
const request = {
  infoHash,
  peerId,
  port: 6881,
  uploadedBytes: 1,
  downloadedBytes: 2,
  leftBytes: 3,
};

test("an infohash is percent-encoded byte by byte", () => {
  const url = buildAnnounceUrl("http://tracker.example/announce", request);
  assert.match(
    url,
    /^http:\/\/tracker\.example\/announce\?info_hash=%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A&/,
  );
  assert.match(
    url,
    /&peer_id=-SH0100-abcdefghijkl&port=6881&uploaded=1&downloaded=2&left=3&compact=1/,
  );
});

test("the tracker's own query is kept and a fragment dropped", () => {
  const start = (url: string): string => buildAnnounceUrl(url, request).split("info_hash")[0]!;
  assert.equal(
    start("http://t.example/announce?passkey=1"),
    "http://t.example/announce?passkey=1&",
  );
  assert.equal(start("http://t.example/announce?"), "http://t.example/announce?");
  assert.equal(start("http://t.example/announce#x"), "http://t.example/announce?");
});

test("event, key, tracker ID and BEP 7's addresses are sent where given", () => {
  const url = buildAnnounceUrl("http://t.example/announce", {
    ...request,
    event: "completed",
    numWant: 0,
    key: 0xab,
    trackerId: "a b",
    ipv6: "2001:db8::1",
  });
  assert.match(
    url,
    /&event=completed&numwant=0&key=000000ab&trackerid=a%20b&ipv6=2001%3Adb8%3A%3A1$/,
  );
});

test("BEP 48: the scrape URL follows the convention of the announce URL", () => {
  const convert = (url: string): string | null => buildScrapeUrl(url, []);
  const cases = [
    ["http://example.com/announce", "http://example.com/scrape?"],
    ["http://example.com/x/announce", "http://example.com/x/scrape?"],
    ["http://example.com/announce.php", "http://example.com/scrape.php?"],
    ["http://example.com/a", null],
    ["http://example.com/announce?x2%0644", "http://example.com/scrape?x2%0644&"],
    ["http://example.com/announce?x=2/4", null],
    ["http://example.com/x%064announce", null],
  ] as const;
  for (const [announceUrl, scrapeUrl] of cases) assert.equal(convert(announceUrl), scrapeUrl);
});

test("announces survive being written and read", () => {
  const count = fc.nat(10 ** 15 - 1);
  const twenty = fc.uint8Array({ minLength: 20, maxLength: 20 });
  const announce = fc.record({
    infoHash: twenty,
    peerId: twenty,
    port: fc.integer({ min: 1, max: 65535 }),
    uploadedBytes: count,
    downloadedBytes: count,
    leftBytes: count,
    numWant: fc.nat(500),
    event: fc.constantFrom("started" as const, "completed" as const, "stopped" as const),
  });
  fc.assert(
    fc.property(announce, (announce) => {
      const url = new URL(buildAnnounceUrl("http://t.example/announce", announce));
      assert.deepEqual(parseAnnounceQuery(url.search.slice(1)), { ...announce, compact: true });
      const scrapeUrl = new URL(
        buildScrapeUrl("http://t.example/announce", [announce.infoHash, infoHash])!,
      );
      assert.deepEqual(parseScrapeQuery(scrapeUrl.search.slice(1)), [announce.infoHash, infoHash]);
    }),
  );
});

test("who does not say what is left counts as a leecher", () => {
  const query =
    "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1&compact=0&event=paused";
  const parsed = parseAnnounceQuery(query);
  assert.ok(parsed.leftBytes > 0);
  assert.equal(parsed.compact, false);
  assert.equal(parsed.event, undefined);
});

test("a query without infohash, peer ID or port, or a broken one, is refused", () => {
  const good = "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb";
  for (const query of [
    "",
    good,
    `${good}&port=0`,
    `${good}&port=65536`,
    `${good}&port=-1`,
    "info_hash=aaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1",
    "info_hash=%zzaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1",
    "info_hash=aaaaaaaaaaaaaaaaaaa%1&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1",
    "info_hash=\u0100aaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1",
    `${good}&port=1&x=${"y".repeat(8192)}`,
  ]) {
    assert.throws(
      () => parseAnnounceQuery(query),
      { name: "TrackerWireError", code: "bad-query" },
      query,
    );
  }
  assert.throws(() => parseScrapeQuery("info_hash=a"), { code: "bad-query" });
});

const query = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const corpus = [
  Buffer.from(new URL(buildAnnounceUrl("http://t.example/announce?a=b", request)).search.slice(1)),
];
testDecoder({
  name: "parseAnnounceQuery",
  decode: (bytes) => parseAnnounceQuery(query(bytes)),
  corpus,
});
testDecoder({
  name: "parseScrapeQuery",
  decode: (bytes) => parseScrapeQuery(query(bytes)),
  corpus,
});
