import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { RejectReason } from "../../packages/speed/src/wire/pay-message.ts";
import { inPair } from "./pair.ts";

const KIB = 1024;

/** Bytes per second, and the time that the buffers on the way take, one way. */
const LINES = [
  [5000, 4000],
  [2000, 4000],
  [1000, 1000],
] as const;

suite("honest payers on slow lines", () => {
  for (const [upBytesPerSecond, latencyMs] of LINES) {
    test(
      `at ${upBytesPerSecond / 1000} kB/s behind ${latencyMs / 1000} s of buffers nobody is taken for a defaulter`,
      inPair(
        async (pair) => {
          const rejections: RejectReason[] = [];
          await pair.startSeller();
          await pair.startBuyer(pair.buyerHost, { rejected: (_, why) => rejections.push(why) });
          await pair.complete();
          assert.deepEqual(rejections, []);
          assert.equal(pair.claims.all()[0]!.total, pair.spent);
          assert.ok(pair.spent > 0n);
          await pair.close();
        },
        { upBytesPerSecond, latencyMs, lengthBytes: 256 * KIB },
      ),
    );
  }
});
