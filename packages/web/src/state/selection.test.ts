import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { NOTHING_SELECTED, rowBeside, select, selectAll } from "./selection.ts";

const order = ["a", "b", "c", "d"];
const sorted = (rows: ReadonlySet<string>): string[] => [...rows].sort();

suite("selection", () => {
  test("Ctrl adds and takes away, Shift takes all up to there", () => {
    const first = select(NOTHING_SELECTED, order, "b", "only");
    const two = select(first, order, "d", "toggle");
    assert.deepEqual(sorted(two.selected), ["b", "d"]);
    const range = select(two, order, "a", "range");
    assert.deepEqual(sorted(range.selected), ["a", "b", "c", "d"]);
    assert.deepEqual(sorted(select(range, order, "a", "toggle").selected), ["b", "c", "d"]);
  });

  test("a range that grows and shrinks keeps its beginning", () => {
    const first = select(NOTHING_SELECTED, order, "b", "only");
    const longer = select(first, order, "d", "range");
    assert.deepEqual(sorted(select(longer, order, "c", "range").selected), ["b", "c"]);
    assert.deepEqual(sorted(select(longer, order, "a", "range").selected), ["a", "b"]);
  });

  test("the cursor moves within the list, from either end when it is nowhere", () => {
    assert.equal(rowBeside(NOTHING_SELECTED, order, 1), "a");
    assert.equal(rowBeside(NOTHING_SELECTED, order, -1), "d");
    assert.equal(rowBeside(select(NOTHING_SELECTED, order, "d", "only"), order, 10), "d");
    assert.equal(rowBeside(NOTHING_SELECTED, [], 1), null);
  });

  test("all is all of what is shown", () => {
    assert.deepEqual(sorted(selectAll(["b", "c"], NOTHING_SELECTED).selected), ["b", "c"]);
  });
});
