import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Trust } from "./trust.ts";

describe("the trust in addresses", () => {
  it("falls by two for a bad piece, rises by one for a good one, and bans at -7", () => {
    const trust = new Trust();
    assert.deepEqual(
      Array.from({ length: 4 }, () => trust.discredit("10.0.0.1")),
      [false, false, false, true],
    );
    for (let i = 0; i < 100; i++) trust.credit("10.0.0.2");
    // However good one was: eight in hand, so the eighth bad piece in a row is too many.
    assert.deepEqual(
      Array.from({ length: 8 }, () => trust.discredit("10.0.0.2")),
      [false, false, false, false, false, false, false, true],
    );
    for (let i = 0; i < 50; i++) {
      assert.equal(trust.discredit("10.0.0.3"), false);
      trust.credit("10.0.0.3");
      trust.credit("10.0.0.3");
    }
  });

  it("is given back to whom the bad piece was not the fault of", () => {
    const trust = new Trust();
    for (let i = 0; i < 20; i++) {
      assert.equal(trust.discredit("10.0.0.1"), false);
      trust.setParole("10.0.0.1", true);
      trust.exonerate("10.0.0.1");
      assert.equal(trust.isOnParole("10.0.0.1"), false);
    }
  });

  it("remembers 20,000 addresses, those of late", () => {
    const trust = new Trust();
    for (let i = 0; i < 30_000; i++) trust.ban(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    assert.equal(trust.isBanned("10.0.0.1"), false);
    assert.ok(trust.isBanned("10.0.117.47"));
  });
});
