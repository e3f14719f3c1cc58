import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertShareLimits, mergeShareLimits, reachedShareLimit } from "./share-limits.ts";

describe("share limits", () => {
  it("the nearest that says something holds, and null ends a limit", () => {
    const session = { ratio: 2, seedTimeMs: 1000, action: "remove" } as const;
    assert.deepEqual(mergeShareLimits({ ratio: null }, undefined, session), {
      ratio: null,
      seedTimeMs: 1000,
      idleTimeMs: null,
      action: "remove",
    });
    assert.equal(mergeShareLimits({}, { ratio: 1 }, session).ratio, 1);
    assert.equal(mergeShareLimits().action, "pause");
  });

  it("are reached by ratio, by time of seeding, by time without payload", () => {
    const limits = mergeShareLimits({ ratio: 1.5, seedTimeMs: 1000, idleTimeMs: 500 });
    const sharing = { ratio: 1, seedingMs: 900, quietMs: 400 };
    assert.equal(reachedShareLimit(limits, sharing), null);
    assert.equal(reachedShareLimit(limits, { ...sharing, ratio: 1.5 }), "ratio");
    assert.equal(reachedShareLimit(limits, { ...sharing, seedingMs: 1000 }), "seed-time");
    assert.equal(reachedShareLimit(limits, { ...sharing, quietMs: 500 }), "idle-time");
  });

  it("are refused when they are no numbers of 0 or more", () => {
    assert.throws(() => assertShareLimits({ ratio: -1 }), RangeError);
    assert.throws(() => assertShareLimits({ seedTimeMs: Number.NaN }), RangeError);
    assertShareLimits({ ratio: null, idleTimeMs: 0 });
  });
});
