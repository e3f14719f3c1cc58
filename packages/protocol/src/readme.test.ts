import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import * as protocol from "./index.ts";

test("the README's example runs and prints what it says", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)![1]!;
  const code = example.replaceAll(
    /import (\{.*?\}) from "@shoal\/protocol";/gs,
    "const $1 = protocol;",
  );
  const printed: unknown[][] = [];
  const console = { log: (...values: unknown[]) => printed.push(values) };
  runInNewContext(code, { console, protocol, TextEncoder });
  assert.deepEqual(printed, [["hello.txt", 13, 32]]);
});
