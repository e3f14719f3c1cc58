import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { suite, test } from "node:test";
import { createProgram } from "../program.ts";
import { completionScript } from "./completion.ts";

const program = createProgram(async () => {});

/** What bash would offer for the words, the last of which is being typed. */
function complete(...words: readonly string[]): string[] {
  const script = completionScript(program, "bash");
  const line = words.map((word) => `'${word}'`).join(" ");
  const run = `${script}\nCOMP_WORDS=(shoal ${line}); COMP_CWORD=${words.length}; _shoal; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", run], { encoding: "utf8" }).trim().split("\n");
}

suite("completion in bash", () => {
  test("commands by their beginning", () => {
    assert.deepEqual(complete("ver"), ["verify"]);
  });

  test("commands below a command", () => {
    assert.deepEqual(complete("wallet", "ba").toSorted(), ["backup", "balance"]);
  });

  test("options of the command that stands there", () => {
    assert.deepEqual(complete("verify", "--di"), ["--dir"]);
    assert.ok(complete("wallet", "send", "--").includes("--password-file"));
  });
});

suite("completion", () => {
  test("zsh and fish name every command", () => {
    for (const shell of ["zsh", "fish"] as const) {
      const script = completionScript(program, shell);
      for (const { name } of program.commands.map((each) => ({ name: each.name() }))) {
        assert.ok(script.includes(name), `${shell}: ${name}`);
      }
    }
  });
});
