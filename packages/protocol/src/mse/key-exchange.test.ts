import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MseError } from "../errors.ts";
import { createMseKeyPair } from "./key-exchange.ts";

const PRIME = BigInt(
  "0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E34" +
    "04DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563",
);

const key = (value: bigint): Uint8Array =>
  Buffer.from(value.toString(16).padStart(192, "0"), "hex");
const random = (byte: number): Uint8Array => new Uint8Array(20).fill(byte);

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % PRIME;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}

describe("MSE key exchange", () => {
  it("raises 2 to a private key of 160 bits, modulo the specification's prime", () => {
    const exponent = BigInt(`0x91${"11".repeat(19)}`);
    const pair = createMseKeyPair(random(0x11));
    assert.deepEqual(Buffer.from(pair.publicKey), key(power(2n, exponent)));
    const other = power(2n, 0x1234567890n);
    assert.deepEqual(Buffer.from(pair.computeSecret(key(other))), key(power(other, exponent)));
  });

  it("gives both sides one secret, also when many exchanges are under way", () => {
    const pairs = Array.from({ length: 6 }, (_, at) => createMseKeyPair(random(at)));
    for (const a of pairs) {
      for (const b of pairs) {
        assert.deepEqual(a.computeSecret(b.publicKey), b.computeSecret(a.publicKey));
        assert.equal(a.computeSecret(b.publicKey).length, 96);
      }
    }
  });

  it("pads a secret that has leading zeros to 96 bytes", () => {
    const pair = createMseKeyPair(random(0));
    const exponent = 1n << 159n;
    let candidate = 2n;
    while (power(candidate, exponent) >> 760n !== 0n) candidate++;
    assert.deepEqual(
      Buffer.from(pair.computeSecret(key(candidate))),
      key(power(candidate, exponent)),
    );
  });

  it("refuses public keys outside [2, p - 2], with which anyone knows the secret", () => {
    const pair = createMseKeyPair(random(7));
    for (const bad of [0n, 1n, PRIME - 1n, PRIME, PRIME + 1n, (1n << 768n) - 1n]) {
      assert.throws(
        () => pair.computeSecret(key(bad)),
        (error) => error instanceof MseError && error.code === "bad-public-key",
      );
    }
    for (const good of [2n, PRIME - 2n]) pair.computeSecret(key(good));
  });

  it("refuses a wrong number of random bytes", () => {
    assert.throws(() => createMseKeyPair(new Uint8Array(19)), RangeError);
  });
});
