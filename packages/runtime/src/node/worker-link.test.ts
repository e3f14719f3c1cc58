import assert from "node:assert/strict";
import { test } from "node:test";
import { reviveDiskError } from "./disk-errors.ts";
import { createWorkerLink } from "./worker-link.ts";

test("a thread that dies rejects what it was asked, says why, and is replaced", async () => {
  const link = createWorkerLink({ file: "disk-worker", workerData: {}, revive: reviveDiskError });
  for (let round = 0; round < 2; round++) {
    const calls = [link.call({}), link.call({})];
    for (const call of calls) {
      await assert.rejects(call, {
        name: "DiskError",
        code: "io",
        message: /thread stopped before it answered/,
      });
    }
    assert.equal(link.pending, 0);
  }
  await link.close();
});
