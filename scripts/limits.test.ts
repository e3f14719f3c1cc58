import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { LIMIT_TESTS } from "./limit-tests.ts";
import { root } from "./pinned-node.mjs";
import { listFiles } from "./workspace.ts";

/** The chapters of LIMITS.md whose every row has to have a test by name. */
const CHAPTERS = ["Torrents and magnet links", "Paths", "Peers"];

const sources = ["packages/*/src/**/*.test.ts", "sim/**/*.test.ts"]
  .flatMap((glob) => listFiles(glob))
  .map((path) => readFileSync(join(root, path), "utf8"))
  .join("\n");
const rows = CHAPTERS.flatMap(rowsOf);

suite("limits", () => {
  for (const chapter of CHAPTERS) {
    for (const row of rowsOf(chapter)) {
      test(`${chapter}, ${row}: has a test`, () => {
        const advice = `give a test the title "limit: ${row}", or name its title in scripts/limit-tests.ts`;
        assert.ok(hasTest(row), advice);
      });
    }
  }

  test("the list of tests names rows that are there", () => {
    assert.deepEqual(
      Object.keys(LIMIT_TESTS).filter((name) => !rows.includes(name)),
      [],
    );
  });
});

function rowsOf(chapter: string): string[] {
  const text = readFileSync(join(root, "LIMITS.md"), "utf8");
  const [, part = ""] = text.split(`\n## ${chapter}\n`);
  const [own = ""] = part.split("\n## ");
  return [...own.matchAll(/^\| (.+?) \|/gm)]
    .map(([, first]) => first!.trim())
    .filter((first) => first !== "what" && !first.startsWith("---"));
}

function hasTest(row: string): boolean {
  const title = LIMIT_TESTS[row];
  return (title !== undefined && sources.includes(title)) || sources.includes(`limit: ${row}`);
}
