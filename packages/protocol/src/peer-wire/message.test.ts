import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { PeerWireError } from "../errors.ts";
import { decodeMessage } from "./decode-message.ts";
import {
  encodeAllowedFast,
  encodeBitfield,
  encodeCancel,
  encodeChoke,
  encodeExtended,
  encodeHashReject,
  encodeHashRequest,
  encodeHashes,
  encodeHave,
  encodeHaveAll,
  encodeHaveNone,
  encodeInterested,
  encodeKeepAlive,
  encodeNotInterested,
  encodePort,
  encodeReject,
  encodeRequest,
  encodeSuggest,
  encodeUnchoke,
  writePieceHeader,
  writeHave,
  writeRequest,
} from "./encode-message.ts";
import { MESSAGE } from "./message.ts";
import type { HashRange, PeerMessage } from "./message.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const uint32 = fc.nat(0xffffffff);

/** Decodes a whole message, after checking that its length says what it has. */
function decodeWhole(bytes: Uint8Array): PeerMessage {
  assert.equal(Buffer.from(bytes).readUInt32BE(0), bytes.length - 4);
  return decodeMessage(bytes[4]!, bytes.subarray(5));
}

function failsWith(code: PeerWireError["code"]): (error: unknown) => boolean {
  return (error) => error instanceof PeerWireError && error.code === code;
}

describe("messages", () => {
  it("BEP 3: stand on the wire as the protocol lays them out", () => {
    assert.equal(hex(encodeKeepAlive()), "00000000");
    assert.equal(hex(encodeChoke()), "0000000100");
    assert.equal(hex(encodeUnchoke()), "0000000101");
    assert.equal(hex(encodeInterested()), "0000000102");
    assert.equal(hex(encodeNotInterested()), "0000000103");
    assert.equal(hex(encodeHave(0x01020304)), "000000050401020304");
    assert.equal(hex(encodeBitfield(Uint8Array.of(0xf0, 0x80))), "0000000305f080");
    assert.equal(hex(encodeRequest(1, 0x4000, 0x4000)), "0000000d06000000010000400000004000");
    assert.equal(hex(encodeCancel(1, 0x4000, 0x4000)), "0000000d08000000010000400000004000");
  });

  it("BEP 5 and BEP 6: stand on the wire as the extensions lay them out", () => {
    assert.equal(hex(encodePort(6881)), "00000003091ae1");
    assert.equal(hex(encodeSuggest(7)), "000000050d00000007");
    assert.equal(hex(encodeHaveAll()), "000000010e");
    assert.equal(hex(encodeHaveNone()), "000000010f");
    assert.equal(hex(encodeReject(1, 2, 3)), "0000000d10000000010000000200000003");
    assert.equal(hex(encodeAllowedFast(7)), "000000051100000007");
  });

  it("BEP 52: a hash request is root, base layer, index, length and proof layers", () => {
    const piecesRoot = new Uint8Array(32).fill(0xab);
    const range: HashRange = { piecesRoot, baseLayer: 1, index: 2, count: 4, proofLayers: 5 };
    const payload = `${"ab".repeat(32)}00000001000000020000000400000005`;
    assert.equal(hex(encodeHashRequest(range)), `0000003115${payload}`);
    assert.equal(hex(encodeHashReject(range)), `0000003117${payload}`);
    const hashes = new Uint8Array(32 * 6).fill(1);
    assert.equal(hex(encodeHashes(range, hashes)), `000000f116${payload}${"01".repeat(192)}`);
    assert.deepEqual(decodeWhole(encodeHashes(range, hashes)), {
      type: "hashes",
      ...range,
      hashes,
    });
  });

  it("come back from the wire as they went", () => {
    fc.assert(
      fc.property(uint32, uint32, uint32, (piece, begin, lengthBytes) => {
        assert.deepEqual(decodeWhole(encodeHave(piece)), { type: "have", piece });
        assert.deepEqual(decodeWhole(encodeSuggest(piece)), { type: "suggest", piece });
        assert.deepEqual(decodeWhole(encodeAllowedFast(piece)), { type: "allowedFast", piece });
        const range = { piece, begin, lengthBytes };
        const [request, cancel, reject] = [encodeRequest, encodeCancel, encodeReject].map(
          (encode) => decodeWhole(encode(piece, begin, lengthBytes)),
        );
        assert.deepEqual(request, { type: "request", ...range });
        assert.deepEqual(cancel, { type: "cancel", ...range });
        assert.deepEqual(reject, { type: "reject", ...range });
        const hashRange = {
          piecesRoot: new Uint8Array(32),
          baseLayer: piece,
          index: begin,
          count: lengthBytes,
          proofLayers: piece,
        };
        assert.deepEqual(decodeWhole(encodeHashRequest(hashRange)), {
          type: "hashRequest",
          ...hashRange,
        });
        assert.deepEqual(decodeWhole(encodeHashReject(hashRange)), {
          type: "hashReject",
          ...hashRange,
        });
      }),
    );
    assert.deepEqual(
      [
        encodeChoke,
        encodeUnchoke,
        encodeInterested,
        encodeNotInterested,
        encodeHaveAll,
        encodeHaveNone,
      ].map((encode) => decodeWhole(encode()).type),
      ["choke", "unchoke", "interested", "notInterested", "haveAll", "haveNone"],
    );
    assert.deepEqual(decodeWhole(encodePort(65535)), { type: "port", port: 65535 });
    const payload = Uint8Array.of(1, 2, 3);
    assert.deepEqual(decodeWhole(encodeExtended(200, payload)), {
      type: "extended",
      id: 200,
      payload,
    });
    assert.deepEqual(decodeWhole(encodeBitfield(payload)), { type: "bitfield", bytes: payload });
  });

  it("refuse a payload of the wrong length", () => {
    const lengths: [number, number][] = [
      [MESSAGE.choke, 0],
      [MESSAGE.unchoke, 0],
      [MESSAGE.interested, 0],
      [MESSAGE.notInterested, 0],
      [MESSAGE.haveAll, 0],
      [MESSAGE.haveNone, 0],
      [MESSAGE.have, 4],
      [MESSAGE.suggest, 4],
      [MESSAGE.allowedFast, 4],
      [MESSAGE.request, 12],
      [MESSAGE.cancel, 12],
      [MESSAGE.reject, 12],
      [MESSAGE.port, 2],
      [MESSAGE.hashRequest, 48],
      [MESSAGE.hashReject, 48],
    ];
    for (const [id, length] of lengths) {
      decodeMessage(id, new Uint8Array(length));
      for (const wrong of [length - 1, length + 1].filter((n) => n >= 0)) {
        assert.throws(() => decodeMessage(id, new Uint8Array(wrong)), failsWith("bad-length"));
      }
    }
    assert.throws(
      () => decodeMessage(MESSAGE.extended, new Uint8Array(0)),
      failsWith("bad-length"),
    );
    for (const length of [0, 47, 49, 81]) {
      assert.throws(
        () => decodeMessage(MESSAGE.hashes, new Uint8Array(length)),
        failsWith("bad-length"),
      );
    }
  });

  it("BEP 52: refuse hashes that are too few for the range or too many for the proof", () => {
    const range = { piecesRoot: new Uint8Array(32), baseLayer: 0, index: 0, count: 2 };
    const hashes = (count: number, proofLayers: number): Uint8Array =>
      encodeHashes({ ...range, proofLayers }, new Uint8Array(32 * count)).subarray(5);
    decodeMessage(MESSAGE.hashes, hashes(2, 0));
    decodeMessage(MESSAGE.hashes, hashes(5, 3));
    for (const payload of [hashes(1, 0), hashes(3, 0), hashes(6, 3)]) {
      assert.throws(() => decodeMessage(MESSAGE.hashes, payload), failsWith("bad-hashes"));
    }
  });

  it("of an unknown id are named unknown, and a piece message is refused as the caller's bug", () => {
    assert.deepEqual(decodeMessage(99, Uint8Array.of(1)), { type: "unknown", id: 99 });
    assert.throws(() => decodeMessage(MESSAGE.piece, new Uint8Array(9)), TypeError);
  });

  it("of any bytes are decoded or refused with a typed error", () => {
    const id = fc.nat(255).filter((value) => value !== MESSAGE.piece);
    fc.assert(
      fc.property(id, fc.uint8Array({ maxLength: 200 }), (messageId, payload) => {
        try {
          decodeMessage(messageId, payload);
        } catch (error) {
          assert.ok(error instanceof PeerWireError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("writers into given memory", () => {
  it("BEP 3: write a request where they are told, touching nothing else", () => {
    const bytes = new Uint8Array(21).fill(0xee);
    writeRequest(bytes, 2, 0xfffffffe, 0x4000, 0x4000);
    assert.equal(hex(bytes), "eeee0000000d06fffffffe0000400000004000eeee");
    assert.equal(hex(encodeRequest(0xfffffffe, 0x4000, 0x4000)), hex(bytes.subarray(2, 19)));
  });

  it("BEP 3: write a have where they are told, touching nothing else", () => {
    const bytes = new Uint8Array(12).fill(0xee);
    writeHave(bytes, 2, 0xfffffffe);
    assert.equal(hex(bytes), "eeee0000000504fffffffeee");
    assert.equal(hex(encodeHave(0xfffffffe)), hex(bytes.subarray(2, 11)));
  });

  it("BEP 3: write a piece header whose length counts the block", () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(16)).fill(0xee);
    writePieceHeader(bytes, 1, 5, 0x8000, 16384);
    assert.equal(hex(bytes), "ee00004009070000000500008000eeee");
  });
});
