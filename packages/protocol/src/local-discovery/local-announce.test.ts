import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { testDecoder } from "../fuzz/test-decoder.ts";
import {
  decodeLocalAnnounce,
  encodeLocalAnnounce,
  type LocalAnnounce,
  MAX_LOCAL_HASHES,
} from "./local-announce.ts";

const hash = (byte: number): Uint8Array => new Uint8Array(20).fill(byte);
const decodeText = (text: string) => decodeLocalAnnounce(Buffer.from(text, "latin1"));
const HEX = "0123456789abcdef0123456789abcdef01234567";

suite("announces to the local network", () => {
  test("BEP 14: has the form of the specification", () => {
    const announce = { port: 6881, infoHashes: [Buffer.from(HEX, "hex")], cookie: "name" };
    assert.equal(
      Buffer.from(encodeLocalAnnounce(announce, 4)).toString("latin1"),
      `BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: ${HEX}\r\ncookie: name\r\n\r\n\r\n`,
    );
    const text = Buffer.from(encodeLocalAnnounce(announce, 6)).toString("latin1");
    assert.match(text, /\r\nHost: \[ff15::efc0:988f\]:6771\r\n/);
  });

  test("BEP 14: as many infohashes as are sent fit into 1,400 bytes", () => {
    const infoHashes = Array.from({ length: MAX_LOCAL_HASHES }, (_, index) => hash(index));
    const bytes = encodeLocalAnnounce({ port: 65_535, infoHashes, cookie: "x".repeat(16) }, 6);
    assert.ok(bytes.length <= 1400, `${bytes.length} bytes`);
    assert.equal(decodeLocalAnnounce(bytes)!.infoHashes.length, MAX_LOCAL_HASHES);
  });

  test("an announce comes back as it was", () => {
    const announce: fc.Arbitrary<LocalAnnounce> = fc.record({
      port: fc.integer({ min: 1, max: 65_535 }),
      cookie: fc.option(fc.stringMatching(/^[0-9a-z]{1,20}$/)),
      infoHashes: fc.uniqueArray(fc.uint8Array({ minLength: 20, maxLength: 20 }), {
        minLength: 1,
        maxLength: MAX_LOCAL_HASHES,
        selector: (bytes) => Buffer.from(bytes).toString("hex"),
      }),
    });
    fc.assert(
      fc.property(announce, fc.constantFrom(4 as const, 6 as const), (sent, family) => {
        const got = decodeLocalAnnounce(encodeLocalAnnounce(sent, family))!;
        assert.deepEqual(
          { ...got, infoHashes: got.infoHashes.map((bytes) => Uint8Array.from(bytes)) },
          { ...sent, infoHashes: sent.infoHashes.map((bytes) => Uint8Array.from(bytes)) },
        );
      }),
    );
  });

  test("BEP 14: passes over what it does not know, and what is broken is none", () => {
    const good = `BT-SEARCH * HTTP/1.1\r\nX: y\r\nPORT: 7\r\ninfohash: ${HEX.toUpperCase()}\r\nInfohash: abc\r\n\r\n`;
    assert.equal(decodeText(good)!.infoHashes.length, 1);
    const broken = [
      "",
      "M-SEARCH * HTTP/1.1\r\n\r\n",
      good.replace("PORT: 7", "PORT: 0"),
      good.replace("PORT: 7", "PORT: 70000"),
      good.replace("PORT: 7", "PORT: -1"),
      good.replace(HEX.toUpperCase(), "xyz"),
      good + "x".repeat(1500),
    ];
    for (const text of broken) assert.equal(decodeText(text), null, text.slice(0, 80));
  });

  testDecoder({
    name: "decodeLocalAnnounce",
    decode: decodeLocalAnnounce,
    corpus: [encodeLocalAnnounce({ port: 6881, infoHashes: [hash(1), hash(2)], cookie: "c" }, 4)],
    tokens: ["Infohash: ", "Port: ", "cookie: ", "\r\n"].map((text) => Buffer.from(text)),
  });
});
