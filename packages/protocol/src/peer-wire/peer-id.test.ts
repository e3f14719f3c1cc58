import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createPeerId, describeClient } from "./peer-id.ts";

const describeText = (id: string): string =>
  describeClient(Buffer.from(id.padEnd(20, "x"), "latin1"));

describe("createPeerId", () => {
  it("BEP 20: is the client's letters, its version and twelve random bytes", () => {
    const id = createPeerId(new Uint8Array(12).fill(0x7a));
    assert.equal(Buffer.from(id).toString("latin1"), "-SH0100-zzzzzzzzzzzz");
    assert.equal(describeClient(id), "Shoal 0.1.0");
    assert.throws(() => createPeerId(new Uint8Array(11)), RangeError);
  });
});

describe("describeClient", () => {
  it("BEP 20: names clients that write their ID the Azureus way", () => {
    assert.equal(describeText("-qB4650-"), "qBittorrent 4.6.5");
    assert.equal(describeText("-TR4060-"), "Transmission 4.0.6");
    assert.equal(describeText("-LT20B0-"), "libtorrent 2.0.11");
    assert.equal(describeText("-lt0D80-"), "rTorrent 0.13.8");
    assert.equal(describeText("-DE13F0-"), "Deluge 1.3.15");
    assert.equal(describeText("-UT355S-"), "µTorrent 3.5.5");
    assert.equal(describeText("-BC0169-"), "BitComet 0.1.6.9");
    assert.equal(describeText("-WW0201-"), "WebTorrent 2.1");
  });

  it("names aria2 and the first client, which write dashes between the numbers", () => {
    assert.equal(describeText("A2-1-36-0-"), "aria2 1.36.0");
    assert.equal(describeText("M7-10-2--"), "BitTorrent 7.10.2");
  });

  it("names no client for an ID of no known convention", () => {
    assert.equal(describeText("-ZZ1234-"), "Unknown (ZZ1234)");
    assert.equal(describeText(""), "Unknown");
    assert.equal(describeText("-__1234-"), "Unknown");
    assert.equal(describeClient(new Uint8Array(0)), "Unknown");
  });

  it("lets nothing but plain characters through", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (id) => {
        assert.match(describeClient(id), /^[\w ().µ/]+$/);
      }),
      { numRuns: 500 },
    );
  });
});
