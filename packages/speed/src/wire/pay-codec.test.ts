import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { PayWireError } from "../errors.ts";
import { decodePay, encodePay } from "./pay-codec.ts";
import type { PayMessage } from "./pay-message.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u128 = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const u32 = fc.nat({ max: 2 ** 32 - 1 });
const signature = { r: bytes(32), vs: bytes(32) };

const record: typeof fc.record = (model: object) =>
  fc.record(model as Record<string, fc.Arbitrary<unknown>>, { noNullPrototype: true }) as never;

const messages: fc.Arbitrary<PayMessage> = fc.oneof(
  record({
    type: fc.constant("offer" as const),
    version: fc.constant(1),
    chainId: u64,
    contract: bytes(20),
    payee: bytes(20),
    minPrice: u128,
    minChallengeSeconds: u32,
    slots: fc.nat({ max: 65_535 }),
    ...signature,
  }),
  record({
    type: fc.constant("bid" as const),
    price: u128,
    payer: bytes(20),
    signer: bytes(20),
    challengeSeconds: u32,
    salt: u64,
    ...signature,
  }),
  record({
    type: fc.constant("accept" as const),
    price: u128,
    windowBytes: u32,
    total: u128,
    debt: u128,
    ...signature,
  }),
  record({
    type: fc.constantFrom("voucher" as const, "close" as const),
    total: u128,
    ...signature,
  }),
  record({ type: fc.constant("ack" as const), total: u128, windowBytes: u32 }),
  record({
    type: fc.constant("reject" as const),
    reason: fc.constantFrom("no-channel" as const, "debt" as const, "other" as const),
  }),
  record({
    type: fc.constant("receipt" as const),
    torrent: bytes(32),
    size: u64,
    total: u128,
    ...signature,
  }),
);

suite("bt_pay messages", () => {
  test("every message comes back as it was", () => {
    fc.assert(
      fc.property(messages, (message) => assert.deepEqual(decodePay(encodePay(message)), message)),
    );
  });

  test("a byte more or less is refused", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const encoded = encodePay(message);
        assert.throws(() => decodePay(encoded.subarray(0, -1)), PayWireError);
        assert.throws(() => decodePay(Buffer.concat([encoded, Uint8Array.of(0)])), PayWireError);
      }),
    );
  });

  test("bytes of strangers are decoded, passed over or refused, and nothing else is thrown", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
        try {
          decodePay(payload);
        } catch (error) {
          assert.ok(error instanceof PayWireError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("later types and later versions of an offer are passed over, of whatever length", () => {
    assert.equal(decodePay(Uint8Array.of(8, 1, 2)), null);
    assert.equal(decodePay(Uint8Array.of(255)), null);
    assert.equal(decodePay(Uint8Array.of(0, 2, 9, 9)), null);
  });

  test("a reason of a later version is some other reason", () => {
    assert.deepEqual(decodePay(Uint8Array.of(5, 200)), { type: "reject", reason: "other" });
  });

  test("numbers that do not fit their place are not sent", () => {
    const ack = { type: "ack", windowBytes: 1 } as const;
    assert.throws(() => encodePay({ ...ack, total: 2n ** 128n }), RangeError);
    assert.throws(() => encodePay({ ...ack, total: -1n }), RangeError);
  });

  test("the layout is that of the specification: a voucher of one wei", () => {
    const voucher = { type: "voucher", total: 1n, r: filled(0xaa), vs: filled(0xbb) } as const;
    const hex = Buffer.from(encodePay(voucher)).toString("hex");
    assert.equal(hex, `03${"0".repeat(31)}1${"aa".repeat(32)}${"bb".repeat(32)}`);
  });
});

function filled(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}
