import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

test("the example of the README writes its file", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const example = /```ts\n([^]*?)```/.exec(readme)?.[1] ?? "";
  const folder = await mkdtemp(join(tmpdir(), "shoal-readme-"));
  const source = example
    .replace("@shoal/runtime/node", new URL("./index.ts", import.meta.url).href)
    .concat("\nexport { verdict };");
  const url = `data:text/javascript,${encodeURIComponent(`const folder = ${JSON.stringify(folder)};\n${source}`)}`;
  const { verdict } = (await import(url)) as { verdict: unknown };
  assert.deepEqual(verdict, { ok: true, sha1Ok: true });
  assert.equal(await readFile(join(folder, "docs", "hello.txt"), "utf8"), "A".repeat(1000));
  await rm(folder, { recursive: true });
});
