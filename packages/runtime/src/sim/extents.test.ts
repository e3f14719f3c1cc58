import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Extents } from "./extents.ts";

function readAll(extents: Extents, lengthBytes: number): number[] {
  return extents
    .views(0, lengthBytes)
    .flatMap(([view, length]) => (view === null ? new Array<number>(length).fill(0) : [...view]));
}

test("overlapping writes read back as in a flat array, holes as zeros", () => {
  const write = fc.record({ at: fc.nat(60), bytes: fc.uint8Array({ maxLength: 20 }) });
  fc.assert(
    fc.property(fc.array(write, { maxLength: 30 }), (writes) => {
      const extents = new Extents();
      const flat = new Uint8Array(80);
      const isWritten = new Uint8Array(80);
      for (const { at, bytes } of writes) {
        const before = extents.clone();
        const untouched = readAll(before, 80);
        extents.write(at, bytes);
        flat.set(bytes, at);
        isWritten.fill(1, at, at + bytes.length);
        assert.deepEqual(readAll(before, 80), untouched);
      }
      assert.deepEqual(readAll(extents, 80), [...flat]);
      assert.equal(
        extents.allocatedBytes,
        isWritten.reduce((sum, bit) => sum + bit, 0),
      );
      assert.equal(extents.lengthBytes, isWritten.lastIndexOf(1) + 1);
      assert.equal(extents.holeBytes(0, 80), 80 - extents.allocatedBytes);
    }),
  );
});
