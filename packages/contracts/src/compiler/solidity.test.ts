import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const RUNNER = fileURLToPath(new URL("../testing/run-solidity-tests.ts", import.meta.url));

// Hardhat's seed is fixed, so the same inputs are tried each time; `npm run fuzz:contracts` tries others, and more.
test("the Solidity tests pass: units, attacks, fuzzing and invariants", async () => {
  const runner = spawn(process.execPath, [RUNNER], { stdio: ["ignore", "pipe", "pipe"] });
  const [output, complaints] = await Promise.all([
    text(runner.stdout),
    text(runner.stderr),
    once(runner, "close"),
  ]);
  assert.equal(runner.exitCode, 0, `${output}\n${complaints}`);
  assert.match(output, /^ {2}\d{3} passing$/m, "every suite was found");
});
