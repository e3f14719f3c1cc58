import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { suite, test } from "node:test";
import { root } from "./pinned-node.mjs";
import { importsOf } from "./source-scan.ts";
import { isDevelopmentFile, listWorkspaces } from "./workspace.ts";

/** Programs and workers that a file starts are not part of it. */
const STARTED = /\bnew URL\([^)]*\)/g;

suite("circles", () => {
  for (const { shortName, sources } of listWorkspaces()) {
    test(`no file of ${shortName} imports itself by way of others, types included`, () => {
      assert.deepEqual(circlesAmong(sources.filter((path) => !isDevelopmentFile(path))), []);
    });
  }

  test("who is in a circle is found, and who only leads there is not", () => {
    const imports = new Map([
      ["a", ["b"]],
      ["b", ["c"]],
      ["c", ["b", "d"]],
      ["d", []],
    ]);
    assert.deepEqual(withoutEnds(imports), ["b", "c"]);
  });
});

function circlesAmong(paths: readonly string[]): string[] {
  const imports = new Map(
    paths.map((path) => {
      const names = importsOf(readFileSync(join(root, path), "utf8").replace(STARTED, ""));
      return [path, names.map((name) => posix.join(posix.dirname(path), name))];
    }),
  );
  return withoutEnds(imports);
}

/** Takes away, again and again, who imports none of the others or is imported by none: circles are left, and what lies between. */
function withoutEnds(imports: ReadonlyMap<string, readonly string[]>): string[] {
  let left = [...imports.keys()];
  for (let before = -1; before !== left.length;) {
    before = left.length;
    const among = new Set(left);
    const imported = new Set(left.flatMap((path) => imports.get(path)!));
    left = left.filter(
      (path) => imported.has(path) && imports.get(path)!.some((target) => among.has(target)),
    );
  }
  return left;
}
