import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import vectors from "../../../../vectors/accounts.json" with { type: "json" };
import { formatEvmAddress, parseEvmAddress, toAddress } from "./address.ts";
import { formatAmount, parseAmount } from "./amount.ts";

suite("address", () => {
  for (const text of vectors.eip55.addresses) {
    test(`EIP-55: ${text}`, () => {
      assert.equal(formatEvmAddress(parseEvmAddress(text)), text);
      assert.equal(parseEvmAddress(text.toLowerCase()), toAddress(text));
    });
  }

  test("EIP-55: refuses a letter of the wrong case, wherever it is", () => {
    const text = vectors.eip55.addresses[4]!;
    for (let at = 2; at < text.length; at++) {
      const letter = text[at]!;
      const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
      if (other === letter) continue;
      const bent = text.slice(0, at) + other + text.slice(at + 1);
      assert.throws(() => parseEvmAddress(bent), { code: "bad-address" }, bent);
    }
  });

  test("refuses what is no address", () => {
    const ok = vectors.eip55.addresses[0]!;
    for (const text of [
      "",
      "0x",
      ok.slice(2),
      ok.slice(0, -1),
      `${ok}0`,
      ok.replace("5", "g"),
      "TXYZ",
    ])
      assert.throws(() => parseEvmAddress(text), { code: "bad-address" }, text);
  });
});

suite("amount", () => {
  test("amounts are read exactly, and never rounded", () => {
    assert.equal(parseAmount("1.5", 18), 1_500_000_000_000_000_000n);
    assert.equal(parseAmount("0.000000000000000001", 18), 1n);
    assert.equal(
      parseAmount("9007199254740993.000000000000000001", 18),
      9007199254740993000000000000000001n,
    );
    assert.equal(parseAmount("7", 0), 7n);
    assert.equal(parseAmount("1.000", 0), 1n);
    assert.throws(() => parseAmount("0.0000001", 6), { code: "bad-amount" });
    for (const text of [
      "",
      ".",
      "1.",
      ".5",
      "-1",
      "+1",
      "1e18",
      "0x10",
      "1,5",
      "1 000",
      "NaN",
      "Infinity",
      "１",
    ])
      assert.throws(() => parseAmount(text, 18), { code: "bad-amount" }, text);
  });

  test("what is written is read back, for any amount and number of decimals", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 256n }),
        fc.integer({ min: 0, max: 30 }),
        (amount, decimals) => {
          assert.equal(parseAmount(formatAmount(amount, decimals), decimals), amount);
        },
      ),
    );
    assert.equal(formatAmount(-1_500_000n, 6), "-1.5");
    assert.equal(formatAmount(0n, 18), "0");
  });
});
