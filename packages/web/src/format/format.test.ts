import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { createFormat } from "./format.ts";
import { parseAmount, parseBytes, plainAmount } from "./parse-amount.ts";

const format = createFormat("en");

suite("format", () => {
  test("sizes have three digits and binary units", () => {
    const sizes = [0, 999, 1000, 1536, 10 * 2 ** 20, 123 * 2 ** 30, 5 * 2 ** 50];
    assert.deepEqual(sizes.map(format.bytes), [
      "0 B",
      "999 B",
      "0.98 KiB",
      "1.50 KiB",
      "10.0 MiB",
      "123 GiB",
      "5.00 PiB",
    ]);
  });

  test("a rate of nothing is a dash", () => {
    assert.deepEqual([0, 2048].map(format.rate), ["–", "2.00 KiB/s"]);
  });

  test("what is not whole never reads as all of it", () => {
    assert.equal(format.percent(0.9999), "99.9%");
    assert.equal(format.percent(1), "100%");
  });

  test("a duration has its two greatest units", () => {
    assert.deepEqual([0, 59, 3600, 3661, 90_061].map(format.duration), [
      "0 sec",
      "59 sec",
      "1 hr",
      "1 hr 1 min",
      "1 day 1 hr",
    ]);
    assert.equal(createFormat("ja").duration(3661), "1 時間 1 分");
  });

  test("amounts are cut, never rounded up, and something is never zero", () => {
    assert.equal(format.amount(1_234_567_890_000_000_000_000n), "1,234.56789");
    assert.equal(format.amount(1_999_999_999_999_999_999n), "1.999999");
    assert.equal(format.amount("1"), "<0.000001");
    assert.equal(format.amount(0n), "0");
    assert.equal(format.amount(-5n * 10n ** 17n), "−0.5");
  });
});

suite("what is typed", () => {
  test("an amount comes back exactly as it was", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), (wei) => {
        assert.equal(parseAmount(plainAmount(wei)), wei);
      }),
    );
  });

  test("what is no amount, or is finer than the token, is refused", () => {
    for (const text of ["", "-1", "1e3", "0x10", "1,23", ".5", "１", `0.${"0".repeat(18)}1`])
      assert.equal(parseAmount(text), null, text);
    assert.equal(parseAmount("1,234.5"), 1_234_500_000_000_000_000_000n);
  });

  test("a limit may have a unit, is KiB without one, and is none when empty", () => {
    assert.equal(parseBytes("5 MiB/s"), 5 * 2 ** 20);
    assert.equal(parseBytes("500k"), 500 * 1024);
    assert.equal(parseBytes("100"), 102_400);
    assert.equal(parseBytes("100 b"), 100);
    assert.equal(parseBytes(" "), null);
    assert.equal(parseBytes("fast"), undefined);
  });
});
