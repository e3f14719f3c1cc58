import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { workerOf } from "./worker-of.ts";

const HASHES = Array.from({ length: 4000 }, (_, index) =>
  createHash("sha1").update(String(index)).digest("hex"),
);

describe("which worker has a torrent", () => {
  it("each has about as many as any other", () => {
    for (const workers of [2, 3, 16]) {
      const counts = new Array<number>(workers).fill(0);
      for (const hash of HASHES) counts[workerOf(hash, workers)]!++;
      const fair = HASHES.length / workers;
      for (const count of counts) assert.ok(Math.abs(count - fair) < fair / 4, String(counts));
    }
  });

  it("one worker more takes torrents from all others, and no others change hands", () => {
    let moved = 0;
    for (const hash of HASHES) {
      const [before, after] = [workerOf(hash, 7), workerOf(hash, 8)];
      if (before === after) continue;
      assert.equal(after, 7);
      moved++;
    }
    assert.ok(moved > 400 && moved < 600, String(moved));
  });
});
