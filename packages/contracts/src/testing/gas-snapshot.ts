import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GasEntry } from "./gas-ledger.ts";

const SNAPSHOT = join(import.meta.dirname, "gas-snapshot.json");
const DOCUMENT = join(import.meta.dirname, "..", "..", "..", "..", "docs", "contracts.md");
const TABLE = /(<!-- gas: [^>]*-->\n)[\s\S]*?(\n<!-- end of gas -->)/;

/** What was measured when the snapshot was committed. */
export function readSnapshot(): readonly GasEntry[] {
  return JSON.parse(readFileSync(SNAPSHOT, "utf8")) as GasEntry[];
}

/** Replaces the committed snapshot. */
export function writeSnapshot(entries: readonly GasEntry[]): void {
  writeFileSync(SNAPSHOT, `${JSON.stringify(entries, null, 2)}\n`);
}

/** The table that stands in docs/contracts.md; empty when there is none. */
export function readDocumentedTable(): string {
  const [found = "", begin = "", end = ""] = TABLE.exec(readFileSync(DOCUMENT, "utf8")) ?? [];
  return found.slice(begin.length, found.length - end.length);
}

/** Replaces the table in docs/contracts.md. */
export function writeDocumentedTable(table: string): void {
  const text = readFileSync(DOCUMENT, "utf8");
  writeFileSync(
    DOCUMENT,
    text.replace(TABLE, (_, begin: string, end: string) => begin + table + end),
  );
}
