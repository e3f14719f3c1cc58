import assert from "node:assert/strict";
import { test } from "node:test";

import { HalfSipHash } from "./half-sip-hash.ts";

const KEY = Uint8Array.from({ length: 8 }, (_, index) => index);
const message = Uint8Array.from({ length: 20 }, (_, index) => index);

test("HalfSipHash-2-4: the reference's vectors of 64 bits hold", () => {
  const vectors = [
    "218d1f59b9b83cc8",
    "be552412f8387315",
    "064f39ef7c50eb57",
    "ce0f1a45f7060679",
    "d5e78a175be52ea1",
    "cb9d7c3f2f3db580",
    "ce3e91358aa2bc25",
    "ff202728b07bc684",
    "edfee820bce4858c",
    "5b51cccc13888307",
    "95b0469f06a6f2ee",
    "ae26333994ddcd48",
    "7bc71f9faef5c799",
  ];
  const hash = new HalfSipHash(KEY);
  for (const [length, expected] of vectors.entries()) {
    const out = new DataView(new ArrayBuffer(8));
    out.setUint32(0, hash.hash64(message, 0, length), true);
    out.setUint32(4, hash.high, true);
    assert.equal(Buffer.from(out.buffer).toString("hex"), expected, `${length} bytes`);
  }
});

test("HalfSipHash-2-4: the first half is the same without the second, wherever the bytes lie", () => {
  const hash = new HalfSipHash(KEY);
  for (let length = 0; length <= 16; length++) {
    const shifted = new Uint8Array(length + 3);
    shifted.set(message.subarray(0, length), 3);
    assert.equal(hash.hash32(shifted, 3, shifted.length), hash.hash64(message, 0, length));
  }
});
