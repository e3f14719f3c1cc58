import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { divide, divideWanted } from "./divide.ts";

const idle = { used: 0, share: 500, weight: 1 };
const hungry = { used: 500, share: 500, weight: 1 };

describe("a limit divided by demand", () => {
  it("nobody needs anything: equally", () => {
    assert.deepEqual(divide(1000, [idle, idle]), [500, 500]);
  });

  it("one would use more: all but a reserve for the others", () => {
    assert.deepEqual(divide(1000, [hungry, idle]), [975, 25]);
  });

  it("all would use more: by weight", () => {
    assert.deepEqual(divide(1000, [hungry, hungry]), [500, 500]);
    assert.deepEqual(divide(1000, [{ ...hungry, weight: 3 }, hungry]), [738, 262]);
  });

  it("who needs little gets that and some headroom, the rest goes to who needs more", () => {
    assert.deepEqual(divide(1000, [hungry, { used: 100, share: 500, weight: 9 }]), [875, 125]);
  });

  it("a limit of nothing, or of less than there are to share it", () => {
    assert.deepEqual(divide(0, [hungry, idle]), [0, 0]);
    assert.equal(
      divide(3, [idle, idle, idle, idle]).reduce((sum, share) => sum + share),
      3,
    );
  });

  it("places go to who wants them, and those that nobody wants to all", () => {
    assert.deepEqual(divideWanted(3, [0, 5]), [0, 3]);
    assert.deepEqual(divideWanted(3, [5, 5]), [2, 1]);
    assert.deepEqual(divideWanted(4, [1, 9]), [1, 3]);
    assert.deepEqual(divideWanted(7, [1, 2]), [3, 4]);
    assert.deepEqual(divideWanted(1, [0, 0, 0]), [1, 0, 0]);
    assert.deepEqual(divideWanted(0, [4, 4]), [0, 0]);
  });

  it("never more nor less than there is, and never below nothing", () => {
    const amount = fc.nat({ max: 10_000_000 });
    const demand = fc.record({
      used: amount,
      share: amount,
      weight: fc.integer({ min: 1, max: 500 }),
    });
    fc.assert(
      fc.property(amount, fc.array(demand, { minLength: 1, maxLength: 16 }), (total, demands) => {
        const shares = divide(total, demands);
        assert.equal(
          shares.reduce((sum, share) => sum + share),
          total,
        );
        assert.ok(shares.every((share) => share >= 0 && Number.isInteger(share)));
      }),
    );
  });
});
