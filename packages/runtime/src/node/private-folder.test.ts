import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";
import { openPrivateFolder } from "./private-folder.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

suite("private folder", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "shoal-private-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test("files are their owner's alone, and so is the folder", async () => {
    const folder = openPrivateFolder(join(root, "keys"));
    await folder.write("a.json", bytes("one"));
    assert.equal(statSync(join(root, "keys")).mode & 0o777, 0o700);
    assert.equal(statSync(join(root, "keys", "a.json")).mode & 0o777, 0o600);
    assert.deepEqual(Buffer.from((await folder.read("a.json"))!).toString(), "one");
  });

  test("writing takes the place of what was there, and leaves nothing else behind", async () => {
    const folder = openPrivateFolder(root);
    await folder.write("a", bytes("one"));
    await folder.write("a", bytes("two"));
    assert.equal(Buffer.from((await folder.read("a"))!).toString(), "two");
    assert.deepEqual(readdirSync(root), ["a"]);
  });

  test("creating refuses where a file is, which stays as it was", async () => {
    const folder = openPrivateFolder(root);
    await folder.create("a", bytes("one"));
    await assert.rejects(folder.create("a", bytes("two")), { code: "exists" });
    assert.equal(Buffer.from((await folder.read("a"))!).toString(), "one");
    assert.deepEqual(readdirSync(root), ["a"]);
  });

  test("what is not there reads as null, lists as nothing and is removed by doing nothing", async () => {
    const folder = openPrivateFolder(join(root, "none"));
    assert.equal(await folder.read("a"), null);
    assert.deepEqual(await folder.list(), []);
  });

  test("a file that was being written when the process died is not listed", async () => {
    const folder = openPrivateFolder(root);
    await folder.write("b", bytes("two"));
    await folder.write("a", bytes("one"));
    writeFileSync(join(root, ".new-0011"), "half");
    assert.deepEqual(await folder.list(), ["a", "b"]);
    await folder.remove("a");
    await folder.remove("a");
    assert.deepEqual(await folder.list(), ["b"]);
  });

  test("neither a path nor a symbolic link leads out of it", async () => {
    const folder = openPrivateFolder(root);
    for (const name of ["../a", "a/b", "..", "", ".hidden"])
      await assert.rejects(folder.read(name), RangeError, name);
    symlinkSync("/etc/hostname", join(root, "link"));
    await assert.rejects(folder.read("link"), { code: "escapes-root" });
  });
});
