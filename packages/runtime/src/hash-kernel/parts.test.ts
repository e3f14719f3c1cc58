import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { splitParts } from "./parts.ts";

test("blocks are cut where they end, across parts and within them", () => {
  assert.deepEqual(splitParts([100, 5, 200, 12], 17, 8), [
    [100, 5, 200, 3],
    [203, 8],
    [211, 1],
  ]);
});

test("bytes beyond the content belong to no block", () => {
  assert.deepEqual(splitParts([0, 16, 50, 16], 10, 8), [
    [0, 8],
    [8, 2],
  ]);
  assert.deepEqual(splitParts([0, 16], 0, 8), []);
});

test("blocks put together again are the content", () => {
  const property = fc.property(
    fc.array(fc.nat({ max: 40 })),
    fc.integer({ min: 1, max: 16 }),
    fc.nat({ max: 300 }),
    (lengths, blockBytes, lengthBytes) => {
      const parts = lengths.flatMap((length, index) => [index * 1000, length]);
      const places = (flat: readonly number[]) => {
        const found: number[] = [];
        for (let at = 0; at < flat.length; at += 2) {
          for (let byte = 0; byte < (flat[at + 1] ?? 0); byte++) found.push((flat[at] ?? 0) + byte);
        }
        return found;
      };
      const blocks = splitParts(parts, lengthBytes, blockBytes);
      assert.deepEqual(blocks.flatMap(places), places(parts).slice(0, lengthBytes));
      const sizes = blocks.map((block) => places(block).length);
      assert.ok(sizes.slice(0, -1).every((size) => size === blockBytes));
    },
  );
  fc.assert(property);
});
