import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";
import { withLock } from "./setup-lock.mjs";

suite("set-up lock", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "shoal-lock-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const heldBy = (pid: number) => {
    mkdirSync(join(folder, "lock"));
    writeFileSync(join(folder, "lock", "pid"), String(pid));
  };

  test("is held during the work and gone afterwards, even when the work fails", () => {
    const lock = join(folder, "lock");
    assert.throws(
      () =>
        withLock(lock, 0, () => {
          assert.ok(existsSync(lock));
          throw new Error("the work failed");
        }),
      /the work failed/,
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  test("keeps out whoever comes while its owner lives, and says which folder it is", () => {
    heldBy(process.pid);
    const work = () => assert.fail("two at once");
    assert.throws(() => withLock(join(folder, "lock"), 0, work), /another set-up.*lock/);
    assert.deepEqual(readdirSync(folder), ["lock"]);
  });

  test("is taken over when its owner is dead", () => {
    const dead = spawnSync(process.execPath, ["--version"]);
    heldBy(dead.pid);
    let worked = false;
    withLock(join(folder, "lock"), 0, () => (worked = true));
    assert.ok(worked);
    assert.deepEqual(readdirSync(folder), []);
  });
});
