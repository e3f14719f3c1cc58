import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { listFiles, listWorkspaces } from "./workspace.ts";

/** Names that say nothing about what is inside, so everything ends up there. */
const DUMPING_GROUNDS = /^(utils?|helpers?|misc|common|shared|types)(\.tsx?)?$/;

const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|fuzz|e2e))?\.(tsx?|mjs)$/;

const sources = listWorkspaces().flatMap((workspace) => workspace.sources);
const all = [...sources, ...listFiles("{scripts,bench,e2e,sim,examples}/**/*.{ts,mjs}")];

suite("layout", () => {
  test("every file name is kebab-case", () => {
    assert.deepEqual(
      all.filter((path) => !KEBAB_CASE.test(path.split("/").at(-1) ?? "")),
      [],
    );
  });

  test("no folder or file is a dumping ground", () => {
    assert.deepEqual(
      all.filter((path) => path.split("/").some((part) => DUMPING_GROUNDS.test(part))),
      [],
    );
  });

  test("folders within src are one level deep", () => {
    assert.deepEqual(
      sources.filter(
        (path) => path.split("/").length > "packages/name/src/folder/file".split("/").length,
      ),
      [],
    );
  });
});
