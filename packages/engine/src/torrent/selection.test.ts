import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Bitfield, type Metainfo } from "@shoal/protocol";
import { createPiecePicker } from "../picker/piece-picker.ts";
import { createSeededRandom } from "../picker/test-random.ts";
import { FILE_PRIORITIES, toFilePriority } from "./file-priority.ts";
import { choosePriorities, Selection } from "./selection.ts";

/** Files of 25, 10, 0 and 25 bytes in pieces of 10: piece 2 lies in the first two, piece 3 in the last two. */
const METAINFO = {
  files: [
    { path: ["a"], offsetBytes: 0, lengthBytes: 25 },
    { path: ["b"], offsetBytes: 25, lengthBytes: 10 },
    { path: ["empty"], offsetBytes: 35, lengthBytes: 0 },
    { path: ["c"], offsetBytes: 35, lengthBytes: 25 },
  ],
  pieceCount: 6,
  pieceLengthBytes: 10,
  spaceBytes: 60,
} as unknown as Metainfo;

function pickerOf(selection: Selection) {
  const picker = createPiecePicker({
    pieceCount: METAINFO.pieceCount,
    blocksInPiece: () => 1,
    random: createSeededRandom(1),
  });
  selection.applyTo(picker);
  const priorities = () =>
    Array.from({ length: METAINFO.pieceCount }, (_, piece) => picker.priority(piece)).join("");
  return { picker, priorities };
}

describe("the selection of files", () => {
  it("a piece takes the highest priority of the files in it", () => {
    const selection = new Selection(METAINFO, [1, 6, 4, 0]);
    assert.equal(pickerOf(selection).priorities(), "116600");
  });

  it("is changed while it is in use, and touches the pieces of the changed files alone", () => {
    const selection = new Selection(METAINFO, []);
    const { picker, priorities } = pickerOf(selection);
    selection.applyTo(picker, selection.set([0, 3], 0));
    assert.equal(priorities(), "004400");
    selection.applyTo(picker, selection.set([1], 7));
    assert.equal(priorities(), "007700");
    selection.applyTo(picker, selection.set([0, 1, 3], 4));
    assert.equal(priorities(), "444444");
    assert.deepEqual(picker.piecesLeft, 6);
  });

  it("counts the verified bytes of each file, pieces that they share included", () => {
    const selection = new Selection(METAINFO, [4, 0, 4, 4]);
    const have = new Bitfield(6);
    have.set(2);
    selection.begin(have);
    assert.deepEqual(
      selection.files.map((file) => file.doneBytes),
      [5, 5, 0, 0],
    );
    assert.deepEqual([selection.wantedBytes, selection.wantedDoneBytes], [50, 5]);
    selection.verified(3);
    assert.deepEqual(
      selection.files.map((file) => file.doneBytes),
      [5, 10, 0, 5],
    );
    selection.set([1], 1);
    assert.deepEqual([selection.wantedBytes, selection.leftBytes], [60, 40]);
  });

  it("puts the ends of files first when asked, but not those of skipped ones", () => {
    const selection = new Selection(METAINFO, [4, 0, 4, 0]);
    selection.setEndsFirst(true);
    assert.equal(pickerOf(selection).priorities(), "747000");
  });

  it("refuses a file that does not exist, and changes nothing then", () => {
    const selection = new Selection(METAINFO, []);
    assert.throws(() => selection.set([0, 4], 0), RangeError);
    assert.ok(selection.isPlain);
  });

  it("is what the user says, else what was saved, else what the link asks for", () => {
    const choose = (choices: Partial<Parameters<typeof choosePriorities>[1]>) =>
      choosePriorities(METAINFO, { select: undefined, saved: null, asked: undefined, ...choices });
    const asked = (_file: unknown, index: number) => index === 1;
    assert.deepEqual(choose({}), [4, 4, 4, 4]);
    assert.deepEqual(choose({ asked }), [0, 4, 0, 0]);
    assert.deepEqual(choose({ asked, saved: [1, 2, 3, 4] }), [1, 2, 3, 4]);
    assert.deepEqual(choose({ asked, saved: [1, 2, 3, 4], select: () => 7 }), [7, 7, 7, 7]);
  });
});

describe("a file's priority", () => {
  it("is a number from 0 to 7, or has a name", () => {
    assert.equal(toFilePriority("high"), FILE_PRIORITIES.high);
    assert.equal(toFilePriority(3), 3);
    for (const bad of [8, -1, 1.5, "best", "toString"]) {
      assert.throws(() => toFilePriority(bad as 1), RangeError);
    }
  });
});
