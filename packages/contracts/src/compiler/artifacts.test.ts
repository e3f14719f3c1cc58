import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { formatArtifacts } from "../testing/format-artifacts.ts";

const ARTIFACTS = new URL("../artifacts/", import.meta.url);

suite("artifacts", () => {
  const fresh = formatArtifacts();

  test("are what the Solidity sources compile to; if not, run generate.ts", () => {
    const stale = [...fresh].filter(([name, text]) => readCommitted(name) !== text);
    assert.deepEqual(
      stale.map(([name]) => name),
      [],
    );
  });

  test("none is left of a contract that is gone", () => {
    const committed = readdirSync(ARTIFACTS);
    assert.deepEqual(
      committed.filter((name) => !fresh.has(name)),
      [],
    );
  });
});

function readCommitted(name: string): string | undefined {
  try {
    return readFileSync(new URL(name, ARTIFACTS), "utf8");
  } catch {
    return undefined;
  }
}
