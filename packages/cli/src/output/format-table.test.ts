import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { formatTable } from "./format-table.ts";

suite("tables", () => {
  test("columns are as wide as their widest cell, numbers to the right", () => {
    const columns = [
      { title: "NAME" },
      { title: "SIZE", align: "right" },
      { title: "STATE" },
    ] as const;
    assert.deepEqual(
      formatTable(columns, [
        ["a long name", "5", "done"],
        ["b", "1234567", ""],
      ]),
      ["NAME            SIZE  STATE", "a long name        5  done", "b            1234567"],
    );
  });

  test("a table without rows is its titles", () => {
    assert.deepEqual(formatTable([{ title: "NAME" }, { title: "SIZE" }], []), ["NAME  SIZE"]);
  });
});
