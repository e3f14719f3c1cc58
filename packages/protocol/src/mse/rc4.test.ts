import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createRc4 } from "./rc4.ts";

const bytes = (hex: string): Uint8Array => Buffer.from(hex, "hex");

function keystream(key: string, discardBytes: number, lengthBytes: number): string {
  const stream = new Uint8Array(lengthBytes);
  createRc4(bytes(key), discardBytes)(stream);
  return Buffer.from(stream).toString("hex");
}

describe("RC4", () => {
  it("RFC 6229: gives the keystream of the standard at offsets 0, 1024 and 4096", () => {
    const vectors: [key: string, offset: number, stream: string][] = [
      ["0102030405", 0, "b2396305f03dc027ccc3524a0a1118a8"],
      ["0102030405", 1024, "30abbcc7c20b01609f23ee2d5f6bb7df"],
      ["0102030405", 4096, "ff25b58995996707e51fbdf08b34d875"],
      ["0102030405060708090a0b0c0d0e0f10", 0, "9ac7cc9a609d1ef7b2932899cde41b97"],
      ["0102030405060708090a0b0c0d0e0f10", 1024, "bdf0324e6083dcc6d3cedd3ca8c53c16"],
      ["0102030405060708090a0b0c0d0e0f10", 4096, "a36a4c301ae8ac13610ccbc12256cacc"],
    ];
    for (const [key, offset, stream] of vectors) assert.equal(keystream(key, offset, 16), stream);
  });

  it("gives one stream however it is cut and wherever it lies", () => {
    const key = bytes("0102030405");
    const whole = bytes(keystream("0102030405", 0, 400));
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 10 }), fc.nat(7), (cuts, offset) => {
        for (const memory of [new ArrayBuffer(420), new SharedArrayBuffer(420)]) {
          const cipher = createRc4(key);
          const stream = new Uint8Array(memory, offset, 400);
          let at = 0;
          for (const length of cuts) {
            cipher(stream.subarray(at, at + length));
            at += length;
          }
          cipher(stream.subarray(at));
          assert.deepEqual(new Uint8Array(stream), new Uint8Array(whole));
          const around = new Uint8Array(memory);
          assert.ok(around.subarray(0, offset).every((byte) => byte === 0));
          assert.ok(around.subarray(offset + 400).every((byte) => byte === 0));
        }
      }),
    );
  });

  it("brings back what it enciphered", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 256 }), fc.uint8Array(), (key, text) => {
        const copy = Uint8Array.from(text);
        createRc4(key, 1024)(copy);
        createRc4(key, 1024)(copy);
        assert.deepEqual(copy, text);
      }),
    );
  });

  it("refuses an empty key and one of more than 256 bytes", () => {
    assert.throws(() => createRc4(new Uint8Array(0)), RangeError);
    assert.throws(() => createRc4(new Uint8Array(257)), RangeError);
  });
});
