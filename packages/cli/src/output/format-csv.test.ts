import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { formatCsv } from "./format-csv.ts";

suite("CSV", () => {
  test("RFC 4180: commas, quotes and line breaks stand within quotes", () => {
    assert.deepEqual(
      formatCsv(
        ["a", "b"],
        [
          ["1,5", 'say "hi"'],
          ["two\nlines", ""],
        ],
      ),
      ["a,b", '"1,5","say ""hi"""', '"two\nlines",'],
    );
  });

  test("a stranger's text is no formula", () => {
    assert.deepEqual(formatCsv(["a"], [["=1+1"], ["@sum"], ["plain"]]).slice(1), [
      "'=1+1",
      "'@sum",
      "plain",
    ]);
  });
});
