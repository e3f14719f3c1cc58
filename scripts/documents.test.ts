import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { suite, test } from "node:test";
import { root } from "./pinned-node.mjs";
import { listFiles } from "./workspace.ts";

/** `[text](path)`, without addresses on the web and places within the document. */
const LINK = /\[([^\]]*)\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g;

const documents = listFiles("{*.md,docs/**/*.md,packages/*/*.md,examples/*/*.md}");

suite("documents", () => {
  for (const path of documents) {
    test(`${path} links to what is there`, () => {
      const missing = linksOf(path).filter(({ target }) => !existsSync(join(root, target)));
      assert.deepEqual(missing, []);
    });
  }

  test("decisions are numbered one after another, in their names and in their titles", () => {
    const decisions = documents.filter((path) => path.startsWith("docs/adr/")).toSorted();
    const numbers = decisions.map((path) => Number(posix.basename(path).slice(0, 4)));
    assert.deepEqual(
      numbers,
      decisions.map((_, index) => index + 1),
    );
    const titled = decisions.map((path) =>
      Number(/^# (\d+)\./.exec(readFileSync(join(root, path), "utf8"))?.[1]),
    );
    assert.deepEqual(titled, numbers);
  });

  test("LIMITS names constants that stand in the files it links to", () => {
    const stale = linksOf("LIMITS.md").filter(({ text, target }) => {
      const constant = /^`([A-Z_]+)`$/.exec(text)?.[1];
      if (constant === undefined || !existsSync(join(root, target))) return false;
      return !readFileSync(join(root, target), "utf8").includes(`const ${constant}`);
    });
    assert.deepEqual(stale, []);
  });
});

function linksOf(path: string): { text: string; target: string }[] {
  const text = readFileSync(join(root, path), "utf8");
  return [...text.matchAll(LINK)].map(([, label = "", target = ""]) => ({
    text: label,
    target: posix.join(posix.dirname(path), target),
  }));
}
