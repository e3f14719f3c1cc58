import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { EXIT } from "./exit-codes.ts";
import { createProgram } from "./program.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const { commands } = createProgram(async () => {});

suite("README", () => {
  test("shows every command with the arguments that it takes", () => {
    const missing = commands.filter((command) => !readme.includes(`shoal ${command.name()}`));
    assert.deepEqual(
      missing.map((command) => command.name()),
      [],
    );
  });

  test("lists every exit code", () => {
    for (const code of Object.values(EXIT))
      assert.ok(readme.includes(`| ${code} | `), String(code));
  });

  test("every command has examples in its help", () => {
    for (const command of commands) {
      let help = "";
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      assert.match(help, new RegExp(`Examples:\n  shoal ${command.name()}`));
    }
  });
});
