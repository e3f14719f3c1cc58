import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { testDecoder } from "../fuzz/test-decoder.ts";
import {
  createUtpPacket,
  looksLikeUtp,
  readUtpPacket,
  UTP_EXTENSION,
  UTP_HEADER_BYTES,
  UTP_TYPE,
  type UtpHeader,
  writeUtpHeader,
  writeUtpPadding,
} from "./utp-packet.ts";

const header: UtpHeader = {
  type: UTP_TYPE.data,
  extension: 0,
  connectionId: 0x1234,
  timestampUs: 0xfedcba98,
  timestampDifferenceUs: 0x01020304,
  windowBytes: 0x00100000,
  seqNr: 0xfffe,
  ackNr: 0x8001,
};

/** A datagram of a header and what follows it. */
function datagram(fields: Partial<UtpHeader>, ...rest: number[]): Uint8Array {
  const bytes = new Uint8Array(UTP_HEADER_BYTES + rest.length);
  writeUtpHeader(bytes, { ...header, ...fields });
  bytes.set(rest, UTP_HEADER_BYTES);
  return bytes;
}

suite("uTP packets", () => {
  test("BEP 29: a header is laid out as the specification draws it", () => {
    assert.equal(
      Buffer.from(datagram({ type: UTP_TYPE.syn }, 7)).toString("hex"),
      "41001234fedcba980102030400100000fffe800107",
    );
  });

  test("BEP 29: what was written is read", () => {
    const uint16 = fc.integer({ min: 0, max: 0xffff });
    const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
    const anyHeader = fc.record({
      type: fc.integer({ min: 0, max: 4 }),
      extension: fc.constant(0),
      connectionId: uint16,
      timestampUs: uint32,
      timestampDifferenceUs: uint32,
      windowBytes: uint32,
      seqNr: uint16,
      ackNr: uint16,
    });
    fc.assert(
      fc.property(anyHeader, (fields) => {
        const packet = createUtpPacket();
        assert.ok(readUtpPacket(datagram(fields, 1, 2, 3), packet));
        assert.deepEqual(packet, {
          ...fields,
          selectiveAckOffset: 0,
          selectiveAckBytes: 0,
          hasPadding: false,
          payloadOffset: UTP_HEADER_BYTES,
        });
      }),
    );
  });

  test("BEP 29: a selective acknowledgement is found among extensions that nobody knows", () => {
    const packet = createUtpPacket();
    const bytes = datagram({ extension: 9 }, 1, 2, 0xaa, 0xbb, 7, 4, 1, 2, 3, 4, 0, 1, 0xcc, 5, 6);
    assert.ok(readUtpPacket(bytes, packet));
    assert.equal(packet.selectiveAckOffset, UTP_HEADER_BYTES + 6);
    assert.equal(packet.selectiveAckBytes, 4);
    assert.equal(packet.payloadOffset, bytes.length - 2);
  });

  test("an extension that reaches beyond the datagram is refused", () => {
    const packet = createUtpPacket();
    assert.equal(readUtpPacket(datagram({ extension: 1 }), packet), false);
    assert.equal(readUtpPacket(datagram({ extension: 1 }, 0), packet), false);
    assert.equal(readUtpPacket(datagram({ extension: 1 }, 0, 4, 1, 2, 3), packet), false);
    assert.equal(readUtpPacket(datagram({ extension: 9 }, 9, 0, 9, 0), packet), false);
  });

  test("a selective acknowledgement of one byte is read, as libtorrent sends them", () => {
    const packet = createUtpPacket();
    assert.ok(readUtpPacket(datagram({ type: UTP_TYPE.state, extension: 1 }, 0, 1, 0x07), packet));
    assert.equal(packet.selectiveAckBytes, 1);
    assert.equal(packet.selectiveAckOffset, UTP_HEADER_BYTES + 2);
  });

  test("what is short, of another version or of no known type is not uTP", () => {
    assert.equal(looksLikeUtp(new Uint8Array(0)), false);
    assert.equal(looksLikeUtp(datagram({}).subarray(0, 19)), false);
    assert.equal(looksLikeUtp(datagram({ type: 5 })), false);
    const other = datagram({});
    other[0] = 0x02;
    assert.equal(looksLikeUtp(other), false);
  });

  test("no DHT message and no tracker's answer looks like uTP", () => {
    assert.equal(
      looksLikeUtp(Buffer.from("d1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re")),
      false,
    );
    for (const action of [0, 1, 2, 3]) {
      const answer = new Uint8Array(40);
      answer[3] = action;
      assert.equal(looksLikeUtp(answer), false);
    }
  });

  test("padding of any length is skipped as extensions are", () => {
    for (let lengthBytes = 2; lengthBytes < 1600; lengthBytes++) {
      const bytes = new Uint8Array(UTP_HEADER_BYTES + lengthBytes + 3).fill(0xee);
      writeUtpHeader(bytes, { ...header, extension: UTP_EXTENSION.padding });
      writeUtpPadding(bytes, UTP_HEADER_BYTES, lengthBytes);
      const packet = createUtpPacket();
      assert.ok(readUtpPacket(bytes, packet));
      assert.ok(packet.hasPadding);
      assert.equal(packet.payloadOffset, UTP_HEADER_BYTES + lengthBytes);
    }
    assert.throws(() => writeUtpPadding(new Uint8Array(9), 0, 1), RangeError);
  });
});

testDecoder({
  name: "readUtpPacket",
  decode: (bytes) => {
    const packet = createUtpPacket();
    const isPacket = readUtpPacket(bytes, packet);
    if (isPacket) {
      assert.ok(packet.payloadOffset <= bytes.length);
      assert.ok(packet.selectiveAckOffset + packet.selectiveAckBytes <= packet.payloadOffset);
    }
    return isPacket;
  },
  corpus: [
    datagram({}, 1, 2, 3),
    datagram({ type: UTP_TYPE.state, extension: 1 }, 0, 4, 1, 2, 3, 4),
    datagram({ extension: 9 }, 1, 2, 0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9),
  ],
});
