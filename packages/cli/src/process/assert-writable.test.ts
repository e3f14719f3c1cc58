import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { assertWritable } from "./assert-writable.ts";

const space = mkdtempSync(join(tmpdir(), "shoal-writable-"));
after(() => rmSync(space, { recursive: true }));

suite("assertWritable", () => {
  test("lets folders pass that are there, and those that can be made", async () => {
    await assertWritable(space);
    await assertWritable(join(space, "some", "where", "below"));
  });

  test("refuses a folder below a file", async () => {
    const file = join(space, "file");
    writeFileSync(file, "");
    await assert.rejects(assertWritable(join(file, "folder")), {
      code: "file-failed",
      message: /^cannot write .*folder: part of the path is a file/,
    });
  });

  const mayDoAll = process.platform === "win32" || process.getuid?.() === 0;
  test("refuses what only others may write", { skip: mayDoAll }, async () => {
    const locked = join(space, "locked");
    mkdirSync(locked);
    chmodSync(locked, 0o555);
    await assert.rejects(assertWritable(join(locked, "folder")), {
      code: "file-failed",
      message: `cannot write ${locked}: permission is missing: change it, or choose another place`,
    });
  });
});
