import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { PeerWireError } from "../errors.ts";
import { decodeHandshake, encodeHandshake, looksLikeHandshake } from "./handshake.ts";

const infoHash = new Uint8Array(20).fill(0xaa);
const peerId = new Uint8Array(20).fill(0xbb);
const id = fc.uint8Array({ minLength: 20, maxLength: 20 });

describe("handshake", () => {
  it("BEP 3: has the protocol's name, eight reserved bytes, infohash and peer ID", () => {
    assert.equal(
      Buffer.from(encodeHandshake({ infoHash, peerId })).toString("latin1"),
      `\x13BitTorrent protocol${"\0".repeat(8)}${"\xaa".repeat(20)}${"\xbb".repeat(20)}`,
    );
  });

  it("BEP 5, 6, 10, 52: sets the reserved bit of each extension", () => {
    const reserved = (flags: object): string =>
      Buffer.from(encodeHandshake({ infoHash, peerId, ...flags }).subarray(20, 28)).toString("hex");
    assert.equal(reserved({ dht: true }), "0000000000000001");
    assert.equal(reserved({ fast: true }), "0000000000000004");
    assert.equal(reserved({ extended: true }), "0000000000100000");
    assert.equal(reserved({ v2: true }), "0000000000000010");
  });

  it("comes back from the wire as it went", () => {
    const handshake = fc.record({
      infoHash: id,
      peerId: id,
      fast: fc.boolean(),
      extended: fc.boolean(),
      dht: fc.boolean(),
      v2: fc.boolean(),
    });
    fc.assert(
      fc.property(handshake, (value) => {
        assert.deepEqual(decodeHandshake(encodeHandshake(value)), { ...value });
      }),
    );
  });

  it("ignores reserved bits that it does not know", () => {
    const bytes = encodeHandshake({ infoHash, peerId, fast: true });
    bytes[20] = 0xff;
    assert.deepEqual(decodeHandshake(bytes), {
      infoHash,
      peerId,
      fast: true,
      extended: false,
      dht: false,
      v2: false,
    });
  });

  it("refuses another length and another protocol", () => {
    const bytes = encodeHandshake({ infoHash, peerId });
    const refused = (value: Uint8Array): void =>
      assert.throws(
        () => decodeHandshake(value),
        (error) => error instanceof PeerWireError && error.code === "bad-handshake",
      );
    refused(bytes.subarray(0, 67));
    refused(Buffer.concat([bytes, Uint8Array.of(0)]));
    refused(bytes.with(19, 0x4c));
    assert.throws(() => encodeHandshake({ infoHash: new Uint8Array(32), peerId }), RangeError);
  });

  it("is told from an encrypted connection by its first 20 bytes", () => {
    const bytes = encodeHandshake({ infoHash, peerId });
    assert.equal(looksLikeHandshake(bytes.subarray(0, 20)), true);
    assert.equal(looksLikeHandshake(bytes.subarray(0, 19)), false);
    assert.equal(looksLikeHandshake(bytes.with(0, 0x12)), false);
  });
});
