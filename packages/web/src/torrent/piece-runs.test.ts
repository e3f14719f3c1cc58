import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { readAvailability, readBitfield, toCells } from "./piece-runs.ts";

const base64 = (...bytes: number[]): string => Buffer.from(bytes).toString("base64");

suite("pieces", () => {
  test("BEP 3: the first piece is the highest bit, and spare bits are none", () => {
    assert.deepEqual(
      [...readBitfield(base64(0b1010_0000, 0b1000_0000), 9)],
      [1, 0, 1, 0, 0, 0, 0, 0, 1],
    );
  });

  test("a bitfield that is too short has nothing more", () => {
    assert.deepEqual([...readBitfield(base64(0xff), 10)].slice(8), [0, 0]);
    assert.deepEqual([...readAvailability(base64(3), 2)], [3, 0]);
  });

  test("every piece is in exactly one cell", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 500, max: 1 }),
        fc.integer({ min: 1, max: 300 }),
        (have, count) => {
          const cells = toCells(have, new Uint8Array(have.length).fill(2), count);
          assert.equal(cells.length, Math.min(count, have.length));
          assert.equal(
            cells.every((cell) => cell.have === 1),
            have.every((bit) => bit === 1),
          );
        },
      ),
    );
  });

  test("a cell says which of its missing pieces is rarest", () => {
    const cells = toCells(Uint8Array.of(1, 0, 0, 0), Uint8Array.of(0, 5, 2, 9), 2);
    assert.deepEqual(cells, [
      { have: 0.5, rarest: 5 },
      { have: 0, rarest: 2 },
    ]);
  });
});
