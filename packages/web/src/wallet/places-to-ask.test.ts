import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { placesToAsk } from "./places-to-ask.ts";

test("the places that are asked back are different, rising, and among the words", () => {
  const chance = fc.infiniteStream(fc.double({ min: 0, max: 0.999999, noNaN: true }));
  fc.assert(
    fc.property(chance, fc.integer({ min: 3, max: 24 }), (stream, count) => {
      const places = placesToAsk(count, 3, () => {
        const [chance = 0] = stream.take(1);
        return chance;
      });
      assert.equal(new Set(places).size, 3);
      assert.deepEqual(
        places,
        [...places].sort((a, b) => a - b),
      );
      assert.ok(places.every((place) => place >= 0 && place < count));
    }),
  );
});
