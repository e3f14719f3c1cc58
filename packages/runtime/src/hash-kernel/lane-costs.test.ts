import assert from "node:assert/strict";
import { test } from "node:test";
import type { HashKernel, HashKernelOptions } from "./hash-kernel.ts";
import { createHashKernel } from "./hash-kernel.ts";
import { NEVER_LANES, measureLaneCosts } from "./lane-costs.ts";

/** A clock that moves by a millisecond each time it is asked. */
function createTickingClock(): () => number {
  let nowMs = 0;
  return () => nowMs++;
}

const measure = (createKernel = createHashKernel) =>
  measureLaneCosts({ nowMs: createTickingClock(), pause: async () => {}, createKernel });

test("a cost is the lanes' time in units of OpenSSL's", async () => {
  assert.deepEqual(await measure(), { sha1: 1, sha256: 1, pairs: 1 });
});

test("a kernel that cannot be compiled is never used", async () => {
  const fail = () => {
    throw new SyntaxError("no vector instructions");
  };
  assert.equal(await measure(fail), NEVER_LANES);
});

for (const broken of ["sha1Lanes", "sha256Lanes", "sha256Pairs"] as const) {
  test(`a kernel whose ${broken} gives a wrong hash is never used`, async () => {
    const flip = (digest: Uint8Array) => digest.map((byte, index) => byte ^ (index === 19 ? 1 : 0));
    const createBroken = (options: HashKernelOptions): HashKernel => {
      const kernel = createHashKernel(options);
      const wrong: HashKernel = {
        sha1Lanes: (messages) => kernel.sha1Lanes(messages).map(flip),
        sha256Lanes: (messages) => kernel.sha256Lanes(messages).map(flip),
        sha256Pairs: (nodes) => flip(kernel.sha256Pairs(nodes)),
      };
      return { ...kernel, [broken]: wrong[broken] };
    };
    assert.equal(await measure(createBroken), NEVER_LANES);
  });
}
