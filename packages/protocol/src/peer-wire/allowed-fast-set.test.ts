import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allowedFastSet } from "./allowed-fast-set.ts";

const infoHash = new Uint8Array(20).fill(0xaa);

describe("allowedFastSet", () => {
  it("BEP 6: gives the sets of the proposal", () => {
    const seven = [1059, 431, 808, 1217, 287, 376, 1188];
    assert.deepEqual(allowedFastSet("80.4.4.200", infoHash, 1313, 7), seven);
    assert.deepEqual(allowedFastSet("80.4.4.200", infoHash, 1313, 9), [...seven, 353, 508]);
  });

  it("BEP 6: is the same for the whole /24 network", () => {
    assert.deepEqual(
      allowedFastSet("80.4.4.1", infoHash, 1313),
      allowedFastSet("80.4.4.254", infoHash, 1313),
    );
    assert.equal(allowedFastSet("80.4.4.1", infoHash, 1313).length, 10);
  });

  it("is every piece when the torrent has no more than the set", () => {
    assert.deepEqual(allowedFastSet("80.4.4.200", infoHash, 3), [0, 1, 2]);
    assert.deepEqual(allowedFastSet("80.4.4.200", infoHash, 0), []);
    assert.equal(new Set(allowedFastSet("80.4.4.200", infoHash, 11)).size, 10);
  });

  it("is empty for an IPv6 address", () => {
    assert.deepEqual(allowedFastSet("2001:db8::1", infoHash, 1313), []);
  });
});
