import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { KERNEL_BASE64 } from "./kernel-bytes.ts";
import { buildKernelModule, formatKernelBytes } from "./kernel-module.ts";

test("the committed module is the one that the generator builds", () => {
  const module = buildKernelModule();
  assert.ok(Buffer.from(KERNEL_BASE64, "base64").equals(module));
  const committed = readFileSync(new URL("kernel-bytes.ts", import.meta.url), "utf8");
  assert.equal(committed, formatKernelBytes(module));
});
