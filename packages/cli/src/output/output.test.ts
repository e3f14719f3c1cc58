import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createOutput, type OutputOptions } from "./output.ts";

function record(options: Partial<OutputOptions> & { isTTY?: boolean } = {}) {
  const written = { stdout: "", stderr: "" };
  const output = createOutput({
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { isTTY: options.isTTY ?? false, write: (text) => (written.stderr += text) },
    env: {},
    ...options,
  });
  return { output, written };
}

suite("output", () => {
  test("data goes to stdout and messages to stderr", () => {
    const { output, written } = record();
    output.data("data");
    output.note("note");
    output.event("progress", { done: 1 });
    output.result({ ok: true });
    assert.deepEqual(written, { stdout: "data\n", stderr: "note\n" });
  });

  test("with --json stdout holds one object", () => {
    const { output, written } = record({ json: true });
    output.data("data");
    output.result({ ok: true });
    assert.equal(written.stdout, '{"ok":true}\n');
  });

  test("with --events stdout holds an object a line, the result last", () => {
    const { output, written } = record({ events: "ndjson", json: true });
    output.event("progress", { done: 1 });
    output.result({ ok: true });
    assert.equal(written.stdout, '{"event":"progress","done":1}\n{"event":"result","ok":true}\n');
  });

  test("an error is a sentence on stderr, and an object where programs asked for one", () => {
    const { output, written } = record({ json: true });
    output.error({ code: "not-found", message: "it is not there", exitCode: 4 });
    assert.equal(written.stderr, "shoal: it is not there\n");
    assert.equal(
      written.stdout,
      '{"error":{"code":"not-found","message":"it is not there","exitCode":4}}\n',
    );
  });

  test("quiet leaves warnings and errors", () => {
    const { output, written } = record({ quiet: true, isTTY: true });
    output.note("note");
    output.live(["bar"]);
    output.warn("warning");
    assert.equal(written.stderr, "warning\n");
  });

  test("nothing is drawn off a terminal, nor on one that cannot draw", () => {
    for (const options of [{}, { isTTY: true, env: { TERM: "dumb" } }]) {
      const { output, written } = record(options);
      output.live(["bar"]);
      assert.deepEqual([output.isLive, written.stderr], [false, ""]);
    }
  });

  test("colours are for terminals without NO_COLOR", () => {
    const { output } = record({ isTTY: true });
    assert.equal(output.paint("red", "x"), "\u001b[31mx\u001b[39m");
    assert.equal(record({ isTTY: true, env: { NO_COLOR: "1" } }).output.paint("red", "x"), "x");
    assert.equal(record().output.paint("red", "x"), "x");
  });
});
