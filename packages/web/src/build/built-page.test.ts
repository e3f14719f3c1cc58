import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite, test } from "node:test";
import { gzipSync } from "node:zlib";
import { webFolder } from "../index.ts";

const MOST_BYTES = 150_000;

suite("the built page", () => {
  const folder = fileURLToPath(webFolder);
  const files = globSync("**/*.*", { cwd: folder });

  test("is there: set-up builds it", () => {
    assert.ok(existsSync(join(folder, "index.html")), "npm run build:web builds it");
  });

  test(`is smaller than ${MOST_BYTES / 1000} KB in all, compressed`, () => {
    const sizes = files.map((path) => gzipSync(readFileSync(join(folder, path))).length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(total < MOST_BYTES, `${total} bytes`);
  });

  test("other sites' pages get a script of less than 8 KB, which asks for no other", () => {
    const script = readFileSync(join(folder, "provider.js"), "utf8");
    assert.ok(script.length < 8000, `${script.length} bytes`);
    assert.doesNotMatch(script, /\bimport\b|\brequire\b|\bexport\b/);
  });

  test("has no inline script or style, which the content security policy forbids", () => {
    const page = readFileSync(join(folder, "index.html"), "utf8");
    assert.doesNotMatch(page, /<style|style=|<script(?![^>]*\bsrc=)|\bon\w+=/);
  });

  test("has no schema in it", () => {
    for (const path of files)
      assert.doesNotMatch(readFileSync(join(folder, path), "utf8"), /ZodError/);
  });
});
