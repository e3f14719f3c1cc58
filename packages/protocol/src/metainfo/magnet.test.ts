import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import vectors from "../../../../vectors/metainfo.json" with { type: "json" };
import { toHex } from "../bytes/hex.ts";
import { MagnetError } from "../errors.ts";
import { formatMagnet, type Magnet, parseMagnet } from "./magnet.ts";

const HEX = "0123456789abcdef0123456789abcdef01234567";
const V1 = `magnet:?xt=urn:btih:${HEX}`;

function refuses(uri: string, code: MagnetError["code"]): void {
  assert.throws(
    () => parseMagnet(uri),
    (error) => error instanceof MagnetError && error.code === code,
    uri.slice(0, 200),
  );
}

describe("parseMagnet", () => {
  test("reads the links that libtorrent writes", () => {
    for (const { magnet, infoHashV1, infoHashV2, files } of vectors.torrents) {
      const parsed = parseMagnet(magnet);
      assert.equal(parsed.infoHashV1 && toHex(parsed.infoHashV1), infoHashV1);
      assert.equal(parsed.infoHashV2 && toHex(parsed.infoHashV2), infoHashV2);
      assert.equal(parsed.name, files[0]!.path.split("/")[0]);
    }
    const five = vectors.torrents.find(({ name }) => name === "v1, one file of five pieces")!;
    assert.deepEqual(parseMagnet(five.magnet).trackers.toSorted(), [
      "http://one.example/announce",
      "http://three.example/announce",
      "udp://two.example:80",
    ]);
    assert.deepEqual(parseMagnet(five.magnet).webSeeds, ["http://seed.example/five.bin"]);
  });

  test("BEP 9: reads an infohash in hex of either case and in base32", () => {
    const hash = "f".repeat(39) + "e";
    for (const text of [hash, hash.toUpperCase(), "7".repeat(31) + "6", "7".repeat(31) + "6"]) {
      const { infoHashV1 } = parseMagnet(`magnet:?xt=urn:btih:${text}`);
      assert.equal(toHex(infoHashV1!), hash);
    }
    // RFC 4648: the base32 of 20 bytes "abcdefghijklmnopqrst".
    const text = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";
    const bytes = Buffer.from("abcdefghijklmnopqrst");
    for (const base32 of [text, text.toLowerCase()]) {
      const { infoHashV1 } = parseMagnet(`magnet:?xt=urn:btih:${base32}`);
      assert.equal(toHex(infoHashV1!), bytes.toString("hex"));
    }
    const zeros = parseMagnet(`magnet:?xt=urn:btih:${"A".repeat(32)}`).infoHashV1!;
    assert.equal(toHex(zeros), "0".repeat(40));
  });

  test("is not particular about the case of keys and scheme, nor about numbered keys", () => {
    const uri = `MAGNET:?XT.1=URN:BTIH:${HEX}&DN=x&tr.1=http://a&tr.2=http://b`;
    const magnet = parseMagnet(uri);
    assert.equal(toHex(magnet.infoHashV1!), HEX);
    assert.equal(magnet.name, "x");
    assert.deepEqual(magnet.trackers, ["http://a", "http://b"]);
  });

  test("decodes percent and plus in the name, and leaves broken escapes as they are", () => {
    const name = (text: string) => parseMagnet(`${V1}&dn=${text}`).name;
    assert.equal(name("a+b%20c%2B%C3%BC"), "a b c+ü");
    assert.equal(name("100%&x"), "100%");
    assert.equal(name("%zz%2"), "%zz%2");
    assert.equal(name("%ff"), "\ufffd");
    assert.equal(name(""), "");
    assert.equal(parseMagnet(V1).name, null);
  });

  test("keeps a plus in URLs, and drops blank and repeated ones", () => {
    const uri = `${V1}&tr=http%3A%2F%2Fa%2F%3Fk%3D1+2&tr=&tr=http%3A%2F%2Fa%2F%3Fk%3D1+2&ws=`;
    assert.deepEqual(parseMagnet(uri).trackers, ["http://a/?k=1+2"]);
    assert.deepEqual(parseMagnet(uri).webSeeds, []);
  });

  test("BEP 9: reads peers by name, IPv4 and IPv6, and ignores what is no peer", () => {
    const peers = ["host.example:1", "1.2.3.4:65535", "[2001:db8::1]:6881", "%5B::1%5D:2"];
    const bad = ["x", ":1", "a:0", "a:65536", "::1:2", "[::1]", "a b:1", "[zz]:1", "a:1x"];
    const uri = `${V1}${[...bad, ...peers].map((peer) => `&x.pe=${peer}`).join("")}`;
    assert.deepEqual(parseMagnet(uri).peers, [
      { host: "host.example", port: 1 },
      { host: "1.2.3.4", port: 65_535 },
      { host: "2001:db8::1", port: 6881 },
      { host: "::1", port: 2 },
    ]);
  });

  test("BEP 53: reads a selection of files", () => {
    assert.deepEqual(parseMagnet(`${V1}&so=0,2,4,6-8`).selectOnly, [
      { first: 0, last: 0 },
      { first: 2, last: 2 },
      { first: 4, last: 4 },
      { first: 6, last: 8 },
    ]);
    assert.equal(parseMagnet(V1).selectOnly, null);
    for (const so of ["", "a", "1,", "-1", "2-1", "1--2", "1.5", "9999999999", "1-2-3"]) {
      refuses(`${V1}&so=${so}`, "invalid-selection");
    }
  });

  test("refuses what is no magnet link, or is too long", () => {
    for (const uri of ["", "http://a", "magnet:", `x${V1}`]) refuses(uri, "not-a-magnet");
    refuses(`${V1}&dn=${"x".repeat(64 * 1024)}`, "not-a-magnet");
  });

  test("refuses a link that names no torrent", () => {
    for (const query of ["", "dn=x", "xt", "xt=urn:sha1:x", "xt=urn:btih", "&&=&="]) {
      refuses(`magnet:?${query}`, "missing-info-hash");
    }
  });

  test("refuses an infohash of another length or alphabet", () => {
    for (const text of ["", "0", `${HEX}0`, `${HEX.slice(1)}g`, "1".repeat(32), "ſ".repeat(32)]) {
      refuses(`magnet:?xt=urn:btih:${text}`, "invalid-info-hash");
    }
    const v2 = "ab".repeat(32);
    assert.equal(toHex(parseMagnet(`magnet:?xt=urn:btmh:1220${v2}`).infoHashV2!), v2);
    for (const text of [v2, `1220${v2}00`, `1120${v2}`, `1220${v2.slice(2)}`]) {
      refuses(`magnet:?xt=urn:btmh:${text}`, "invalid-info-hash");
    }
  });

  test("refuses two torrents in one link, but not the same one twice", () => {
    assert.ok(parseMagnet(`${V1}&xt=urn:btih:${HEX.toUpperCase()}`));
    refuses(`${V1}&xt=urn:btih:${"0".repeat(40)}`, "invalid-info-hash");
  });
});

describe("formatMagnet", () => {
  test("comes back from the parser as it went", () => {
    const plain = { noNullPrototype: true } as const;
    const url = fc.webUrl();
    const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
    const magnet: fc.Arbitrary<Magnet> = fc
      .record(
        {
          infoHashV1: fc.option(fc.uint8Array({ minLength: 20, maxLength: 20 })),
          infoHashV2: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 })),
          name: fc.option(fc.string({ unit: "grapheme", minLength: 1 })),
          trackers: fc.uniqueArray(url, { maxLength: 3 }),
          webSeeds: fc.uniqueArray(url, { maxLength: 3 }),
          peers: fc.array(fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) }, plain)),
          selectOnly: fc.option(
            fc.array(
              fc.tuple(fc.nat(1000), fc.nat(1000)).map(([first, more]) => ({
                first,
                last: first + more,
              })),
              { minLength: 1 },
            ),
          ),
        },
        plain,
      )
      .filter(({ infoHashV1, infoHashV2 }) => infoHashV1 !== null || infoHashV2 !== null);
    fc.assert(
      fc.property(magnet, (original) => {
        assert.deepEqual(parseMagnet(formatMagnet(original)), original);
      }),
    );
  });

  test("refuses no infohash and one of a wrong length", () => {
    const none = { infoHashV1: null, infoHashV2: null };
    assert.throws(() => formatMagnet(none), RangeError);
    assert.throws(() => formatMagnet({ ...none, infoHashV1: new Uint8Array(32) }), RangeError);
    assert.throws(() => formatMagnet({ ...none, infoHashV2: new Uint8Array(20) }), RangeError);
  });
});
