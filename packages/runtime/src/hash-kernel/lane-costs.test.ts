import assert from "node:assert/strict";
import { test } from "node:test";
import type { HashKernel } from "./hash-kernel.ts";
import { createHashKernel } from "./hash-kernel.ts";
import type { HashKernelOptions } from "./hash-kernel.ts";
import { NEVER_LANES, measureLaneCosts } from "./lane-costs.ts";

/** A clock that moves by a millisecond each time it is asked. */
function createTickingClock(): () => number {
  let nowMs = 0;
  return () => nowMs++;
}

test("a cost is the lanes' time in units of OpenSSL's", () => {
  assert.deepEqual(measureLaneCosts(createTickingClock()), { sha1: 1, sha256: 1, pairs: 1 });
});

test("a kernel that cannot be compiled is never used", () => {
  const fail = () => {
    throw new SyntaxError("no vector instructions");
  };
  assert.equal(measureLaneCosts(createTickingClock(), fail), NEVER_LANES);
});

for (const broken of ["sha1Lanes", "sha256Lanes", "sha256Pairs"] as const) {
  test(`a kernel whose ${broken} gives a wrong hash is never used`, () => {
    const flip = (digest: Uint8Array) => digest.map((byte, index) => byte ^ (index === 19 ? 1 : 0));
    const createBroken = (options: HashKernelOptions): HashKernel => {
      const kernel = createHashKernel(options);
      const lanes = {
        sha1Lanes: (messages) => kernel.sha1Lanes(messages).map(flip),
        sha256Lanes: (messages) => kernel.sha256Lanes(messages).map(flip),
        sha256Pairs: (nodes) => flip(kernel.sha256Pairs(nodes)),
      } satisfies HashKernel as HashKernel;
      return { ...kernel, [broken]: lanes[broken] };
    };
    assert.equal(measureLaneCosts(createTickingClock(), createBroken), NEVER_LANES);
  });
}
