import assert from "node:assert/strict";
import { mkdtemp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { DiskError } from "@shoal/runtime";
import { createLocalFiles } from "./create-local-files.ts";

suite("local files", () => {
  const files = createLocalFiles();
  let folder = "";
  before(async () => void (folder = await mkdtemp(join(tmpdir(), "shoal-files-"))));
  after(() => rm(folder, { recursive: true }));
  const at = (...parts: string[]): string => join(folder, ...parts);
  const hasCode = (code: string) => (error: unknown) =>
    error instanceof DiskError && error.code === code;

  test("a file is read whole, and not at all when it is too long", async () => {
    await writeFile(at("a"), "hello");
    assert.equal(Buffer.from(await files.read(at("a"), 5)).toString(), "hello");
    await assert.rejects(files.read(at("a"), 4), hasCode("too-long"));
    await assert.rejects(files.read(at("none"), 4), hasCode("missing"));
    await assert.rejects(files.read(folder, 4), hasCode("not-a-file"));
  });

  test("lines come whole across the parts in which a file is read", async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `line ${i}`);
    await writeFile(at("lines"), lines.join("\n"));
    const read: string[] = [];
    for await (const batch of files.lines(at("lines"), 1e6)) read.push(...batch);
    assert.deepEqual(read, lines);
  });

  test("a line without end takes no memory", async () => {
    await writeFile(at("long"), "x".repeat(3_000_000));
    let longest = 0;
    for await (const batch of files.lines(at("long"), 1e7)) {
      for (const line of batch) longest = Math.max(longest, line.length);
    }
    assert.ok(longest <= 4096);
  });

  test("a folder's plain files are listed, without folders and links", async () => {
    await mkdir(at("f", "sub"), { recursive: true });
    await writeFile(at("f", "b"), "");
    await writeFile(at("f", "a"), "");
    await symlink(at("a"), at("f", "link"));
    assert.deepEqual(await files.list(at("f"), 10), ["a", "b"]);
    assert.equal((await files.list(at("f"), 1)).length, 1);
    await assert.rejects(files.list(at("nowhere"), 10), hasCode("missing"));
  });

  test("a file is moved, and replaces nothing", async () => {
    await writeFile(at("from"), "new");
    await writeFile(at("taken"), "old");
    await assert.rejects(files.move(at("from"), at("taken")), hasCode("exists"));
    assert.equal(await readFile(at("taken"), "utf8"), "old");
    await files.move(at("from"), at("made", "to"));
    assert.equal(await readFile(at("made", "to"), "utf8"), "new");
    assert.equal(await files.stamp(at("from")), null);
    assert.equal((await files.stamp(at("made", "to")))?.lengthBytes, 3);
  });
});
