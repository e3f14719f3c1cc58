import assert from "node:assert/strict";
import { test } from "node:test";
import { importsOf, withoutStrings } from "./source-scan.ts";

test("every form of import is seen, and none within a comment", () => {
  const text = `
    import a, { type B } from "one";
    import type {
      C,
    } from 'two';
    import "three";
    export { d } from "four"; // from "not-this"
    /* import "nor-this" */
    const e = await import("five");
    new Worker(new URL("./six.ts", import.meta.url));
    text.replace(/from "@not\\/this"/, "");
    const url = "https://example.org"; import f from "seven";
  `;
  assert.deepEqual(importsOf(text).sort(), [
    "./six.ts",
    "five",
    "four",
    "one",
    "seven",
    "three",
    "two",
  ]);
});

test("a name within a string or a comment is not a use", () => {
  assert.doesNotMatch(withoutStrings('say("Date.now()"); // Date.now()'), /Date\.now/);
  assert.match(withoutStrings("const at = `${Date.now()}`;"), /Date\.now/);
});
