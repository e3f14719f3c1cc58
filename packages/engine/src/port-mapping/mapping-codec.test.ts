import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeRouterAnswer, encodeNatPmpMap, encodePcpMap } from "./mapping-codec.ts";

const NONCE = Uint8Array.from({ length: 12 }, (_, index) => index + 1);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const request = {
  protocol: "tcp",
  internalPort: 6881,
  externalPort: 6881,
  lifetimeS: 7200,
} as const;

test("RFC 6886: a NAT-PMP request is 12 bytes", () => {
  assert.equal(hex(encodeNatPmpMap(request)), "000200001ae11ae100001c20");
  assert.equal(
    hex(encodeNatPmpMap({ ...request, protocol: "udp", lifetimeS: 0, externalPort: 0 })),
    "000100001ae1000000000000",
  );
});

test("RFC 6886: a NAT-PMP answer says port and lifetime, or why not", () => {
  const answer = {
    by: "nat-pmp",
    protocol: "tcp",
    internalPort: 6881,
    externalPort: 7000,
    externalAddress: null,
  };
  assert.deepEqual(decodeRouterAnswer(bytes("00820000000000011ae11b5800000e10"), NONCE), {
    ...answer,
    result: 0,
    lifetimeS: 3600,
  });
  assert.deepEqual(decodeRouterAnswer(bytes("00820002000000011ae11b5800000000"), NONCE), {
    ...answer,
    result: 2,
    lifetimeS: 0,
  });
  assert.equal(decodeRouterAnswer(bytes("0081000100000001"), NONCE), "other-version");
});

test("RFC 6887: a PCP request names this side and a nonce", () => {
  assert.equal(
    hex(encodePcpMap(request, NONCE, "192.168.1.5")),
    "0201000000001c20" +
      "00000000000000000000ffffc0a80105" +
      "0102030405060708090a0b0c" +
      "060000001ae11ae1" +
      "00000000000000000000ffff00000000",
  );
});

test("RFC 6887: a PCP answer counts with our nonce alone", () => {
  const answer =
    "02810000" +
    "00000e10" +
    "0000000100000000" +
    "0000000000000000" +
    "0102030405060708090a0b0c" +
    "110000001ae11b58" +
    "00000000000000000000ffffcb007101";
  assert.deepEqual(decodeRouterAnswer(bytes(answer), NONCE), {
    by: "pcp",
    protocol: "udp",
    internalPort: 6881,
    result: 0,
    externalPort: 7000,
    lifetimeS: 3600,
    externalAddress: "203.0.113.1",
  });
  assert.equal(decodeRouterAnswer(bytes(answer), new Uint8Array(12)), null);
});

test("whatever a router sends is read or dropped", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(0, 2), (rest, version) => {
      decodeRouterAnswer(rest, NONCE);
      decodeRouterAnswer(Uint8Array.of(version, ...rest), NONCE);
    }),
    { numRuns: 2000 },
  );
});
