import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { NODE_VERSION, root } from "./pinned-node.mjs";
import { readManifest } from "./workspace.ts";

const launcher = join(root, "scripts", "run.mjs");

suite("launching", () => {
  test("the launcher runs the pinned Node, hands arguments over and the exit code back", () => {
    const program = "console.log(process.version, process.argv.slice(1).join()); process.exit(7)";
    const ran = spawnSync(process.execPath, [launcher, "-e", program, "one", "two three"], {
      encoding: "utf8",
    });
    assert.equal(ran.stdout, `v${NODE_VERSION} one,two three\n`);
    assert.equal(ran.status, 7);
  });

  test("a child finds the pinned Node first on PATH", () => {
    const program = "console.log(require('child_process').execSync('node --version').toString())";
    const ran = spawnSync(process.execPath, [launcher, "-e", program], { encoding: "utf8" });
    assert.equal(ran.stdout.trim(), `v${NODE_VERSION}`);
  });

  const onPosix = { skip: process.platform === "win32" ? "POSIX signals and links" : false };

  test("a signal to the launcher reaches the program", onPosix, async () => {
    const program =
      "process.on('SIGTERM', () => process.exit(42)); console.log('ready'); setInterval(() => {}, 1e6)";
    const child = spawn(process.execPath, [launcher, "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [42, null]);
  });

  test("bin/shoal works from any folder and through a symbolic link", onPosix, () => {
    const folder = mkdtempSync(join(tmpdir(), "shoal-link-"));
    try {
      symlinkSync(join(root, "bin", "shoal"), join(folder, "shoal"));
      symlinkSync("shoal", join(folder, "again"));
      const ran = spawnSync("./again", ["--version"], { cwd: folder, encoding: "utf8" });
      assert.equal(ran.stdout.trim(), readManifest("packages/cli/package.json").version);
      assert.equal(ran.status, 0, ran.stderr);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
