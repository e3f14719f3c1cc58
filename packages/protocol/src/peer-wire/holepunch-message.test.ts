import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { canonicalIp } from "../endpoint/ip-address.ts";
import { PeerWireError } from "../errors.ts";
import { testDecoder } from "../fuzz/test-decoder.ts";
import {
  decodeHolepunch,
  encodeHolepunch,
  HOLEPUNCH_ERROR,
  type HolepunchMessage,
} from "./holepunch-message.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", ""), "hex");

/** Written by hand from BEP 55: type, type of address, address, port, code. */
const VECTORS: readonly (readonly [string, HolepunchMessage])[] = [
  [
    "00 00 01020304 1ae1 00000000",
    { type: "rendezvous", endpoint: { address: "1.2.3.4", port: 6881 } },
  ],
  [
    "01 00 c0000280 ffff 00000000",
    { type: "connect", endpoint: { address: "192.0.2.128", port: 65_535 } },
  ],
  [
    "01 01 20010db8000000000000000000000007 1ae1 00000000",
    { type: "connect", endpoint: { address: "2001:db8::7", port: 6881 } },
  ],
  [
    "02 00 01020304 1ae1 00000002",
    {
      type: "error",
      endpoint: { address: "1.2.3.4", port: 6881 },
      code: HOLEPUNCH_ERROR.notConnected,
    },
  ],
];

describe("ut_holepunch", () => {
  it("BEP 55: messages are the proposal's, byte for byte", () => {
    for (const [wire, message] of VECTORS) {
      assert.equal(hex(encodeHolepunch(message)), wire.replaceAll(" ", ""));
      assert.deepEqual(decodeHolepunch(bytes(wire)), message);
    }
  });

  it("BEP 55: errors have their numbers", () => {
    assert.deepEqual(HOLEPUNCH_ERROR, {
      noSuchPeer: 1,
      notConnected: 2,
      noSupport: 3,
      noSelf: 4,
    });
  });

  it("comes back from the wire as it went", () => {
    const plain = { noNullPrototype: true } as const;
    const address = fc.oneof(fc.ipV4(), fc.ipV6()).map(canonicalIp);
    const endpoint = fc.record({ address, port: fc.nat(0xffff) }, plain);
    const message: fc.Arbitrary<HolepunchMessage> = fc.oneof(
      fc.record({ type: fc.constantFrom("rendezvous", "connect"), endpoint }, plain),
      fc.record({ type: fc.constant("error"), endpoint, code: fc.nat(0xffffffff) }, plain),
    );
    fc.assert(
      fc.property(message, (sent) => {
        assert.deepEqual(decodeHolepunch(encodeHolepunch(sent)), sent);
      }),
    );
  });

  it("takes a request without a code, and one with more behind it", () => {
    const message = { type: "rendezvous", endpoint: { address: "1.2.3.4", port: 6881 } };
    assert.deepEqual(decodeHolepunch(bytes("00 00 01020304 1ae1")), message);
    assert.deepEqual(decodeHolepunch(bytes("00 00 01020304 1ae1 00000000 99")), message);
  });

  it("knows nothing of other types of messages and addresses", () => {
    assert.equal(decodeHolepunch(bytes("03 00 01020304 1ae1 00000000")), null);
    assert.equal(decodeHolepunch(bytes("00 02 01020304 1ae1 00000000")), null);
  });

  it("is refused when it ends early", () => {
    for (const [wire, { type }] of VECTORS) {
      const whole = bytes(wire);
      const leastBytes = type === "error" ? whole.length : whole.length - 4;
      for (let length = 0; length < leastBytes; length++) {
        assert.throws(
          () => decodeHolepunch(whole.subarray(0, length)),
          (error) => error instanceof PeerWireError && error.code === "bad-extension-message",
        );
      }
    }
  });
});

testDecoder({
  name: "decodeHolepunch",
  decode: decodeHolepunch,
  corpus: VECTORS.map(([wire]) => bytes(wire)),
});
