import assert from "node:assert/strict";
import { test } from "node:test";
import { createGeometry } from "../storage/geometry.ts";
import { sampleTorrent } from "../simulation/swarm-world.ts";
import { planRun } from "./run-plan.ts";

const KIB = 1024;

/** Steps for all blocks of the pieces from `first` to before `end`. */
function plan(version: "v1" | "v2" | "hybrid", fileLengths: number[], first: number, end: number) {
  const { metainfo } = sampleTorrent({ version, pieceLengthBytes: 32 * KIB, fileLengths });
  const geometry = createGeometry(metainfo);
  const blocks: number[] = [];
  for (let piece = first; piece < end; piece++) {
    for (let block = 0; block < geometry.blocksIn(piece); block++) blocks.push(piece, block);
  }
  return planRun(metainfo, geometry, blocks).map((step) =>
    step.fileIndex === null
      ? `zeros ${step.lengthBytes}`
      : `${step.fileIndex}: ${step.fileOffsetBytes}+${step.lengthBytes}`,
  );
}

test("one request is made for each file that a run crosses", () => {
  const lengths = [40 * KIB, 5, 70 * KIB];
  assert.deepEqual(plan("v1", lengths, 0, 3), ["0: 0+40960", "1: 0+5", "2: 0+57339"]);
  assert.deepEqual(plan("v1", lengths, 2, 4), ["2: 24571+47109"]);
});

test("empty files are not asked for", () => {
  assert.deepEqual(plan("v1", [10, 0, 20], 0, 1), ["0: 0+10", "2: 0+20"]);
});

test("BEP 47, 52: padding and gaps between files are not fetched", () => {
  for (const version of ["v2", "hybrid"] as const) {
    assert.deepEqual(plan(version, [40 * KIB, 5, 70 * KIB], 0, 5), [
      "0: 0+40960",
      "1: 0+5",
      "2: 0+65536",
    ]);
  }
});
