import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { fixedLog2 } from "./fixed-log2.ts";
import { FULL_SIZE_WEIGHT, sizeWeight } from "./reward-formula.ts";

const ONE = 2n ** 32n;

suite("logarithms by whole numbers", () => {
  test("powers of two are exact", () => {
    for (const power of [0n, 1n, 24n, 63n, 64n, 200n])
      assert.equal(fixedLog2(2n ** power), power * ONE);
  });

  test("known ones to the bit", () => {
    // floor(2^32 * log2(x)), from 60 digits of the logarithms.
    assert.equal(fixedLog2(3n), 6_807_362_105n);
    assert.equal(fixedLog2(10n), 14_267_572_527n);
    assert.equal(FULL_SIZE_WEIGHT, 25_865_872_801n);
  });

  test("they never fall, and follow the floating ones", () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 65n), fc.bigInt(0n, 2n ** 40n), (value, more) => {
        const [low, high] = [fixedLog2(value), fixedLog2(value + more)];
        assert.ok(low <= high);
        assert.ok(Math.abs(Number(low) / 2 ** 32 - Math.log2(Number(value))) < 1e-8);
      }),
    );
  });

  test("there is none below 1", () => assert.throws(() => fixedLog2(0n), RangeError));

  test("a size weighs from nothing to that of a GiB", () => {
    assert.equal(sizeWeight(0n), 0n);
    assert.equal(sizeWeight(2n ** 24n), ONE);
    assert.equal(sizeWeight(2n ** 30n), FULL_SIZE_WEIGHT);
    assert.equal(sizeWeight(2n ** 64n - 1n), FULL_SIZE_WEIGHT);
  });
});
