import assert from "node:assert/strict";
import { test } from "node:test";

import { halfSipHash } from "./half-sip-hash.ts";

test("HalfSipHash-2-4: the reference's vectors of 64 bits hold for whole words", () => {
  const vectors = [
    [0, "218d1f59b9b83cc8"],
    [4, "d5e78a175be52ea1"],
    [8, "edfee820bce4858c"],
    [12, "7bc71f9faef5c799"],
  ] as const;
  for (const [length, expected] of vectors) {
    const message = Uint8Array.from({ length }, (_, index) => index);
    const out = new Uint32Array(2);
    halfSipHash(0x03020100, 0x07060504, new Uint32Array(message.buffer), out);
    assert.equal(Buffer.from(out.buffer).toString("hex"), expected, `${length} bytes`);
  }
});
