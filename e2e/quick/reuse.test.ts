import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { createWorkspace, patternBytes } from "./workspace.ts";

suite("reuse", { timeout: 120_000 }, () => {
  test("get --reuse finds a torrent's files under other names, and leaves them as they are", async (t) => {
    const space = createWorkspace(t);
    const [one, two] = [patternBytes(3_000_001, 1), patternBytes(200_000, 2)];
    space.write("album/one", one);
    space.write("album/two", two);
    space.write("old/deep/renamed", one);
    space.write("old/2", two);
    space.write("old/same length", patternBytes(200_000, 3));
    await space.json(["create", "album", "-o", "a.torrent", "--piece-length", "64K"]);
    const get = space.start(["get", "a.torrent", "--dir", "out", "--reuse", "old"]);
    const { exitCode, stdout, stderr } = await get.ended;
    assert.equal(exitCode, 0, stderr);
    assert.equal(stdout.match(/"event":"reused"/g)?.length, 2);
    for (const path of ["out/album/one", "old/deep/renamed"]) {
      assert.equal(Buffer.compare(readFileSync(space.path(path)), one), 0, `${path} differs`);
    }
    assert.equal(Buffer.compare(readFileSync(space.path("out/album/two")), two), 0);
  });
});
