import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SuspectBlocks } from "./suspect-blocks.ts";

/** Leaves by one byte each. */
const leaves = (...bytes: number[]): Uint8Array =>
  Buffer.concat(bytes.map((byte) => new Uint8Array(32).fill(byte)));

describe("the blocks of a bad piece", () => {
  it("tell who lied once the piece is good, and who did not", () => {
    const suspects = new SuspectBlocks();
    suspects.add(7, { leaves: leaves(1, 2, 66, 4), senders: ["a", "b", "c", "c"] });
    suspects.add(7, { leaves: leaves(1, 2, 3, 67), senders: ["a", "d", undefined, "e"] });
    assert.ok(suspects.isSuspect(7));
    const { guilty, innocent } = suspects.judge(7, leaves(1, 2, 3, 4));
    assert.deepEqual(
      [[...guilty], [...innocent].sort()],
      [
        ["c", "e"],
        ["a", "b", "d"],
      ],
    );
    assert.equal(suspects.isSuspect(7), false);
  });

  it("are 4 MiB of hashes at most, and eight versions of a piece", () => {
    const suspects = new SuspectBlocks();
    const big = new Uint8Array(1024 * 1024);
    for (let piece = 0; piece < 6; piece++) suspects.add(piece, { leaves: big, senders: [] });
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5].map((piece) => suspects.isSuspect(piece)),
      [false, false, true, true, true, true],
    );
    const other = new SuspectBlocks();
    for (let i = 0; i < 20; i++) other.add(1, { leaves: leaves(66), senders: [`${i}`] });
    assert.equal(other.judge(1, leaves(1)).guilty.size, 8);
  });
});
