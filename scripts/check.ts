/** Everything that can be said about the sources without running them. Exits 1 when any part fails. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./pinned-node.mjs";

const parts: readonly { name: string; arguments: readonly string[] }[] = [
  { name: "types", arguments: [bin("typescript", "tsc"), "-p", "tsconfig.json"] },
  { name: "types of the web", arguments: [bin("typescript", "tsc"), "-p", "e2e/web"] },
  {
    name: "types of the examples",
    arguments: [bin("typescript", "tsc"), "-p", "examples/tip-jar"],
  },
  { name: "lint", arguments: [bin("oxlint", "oxlint"), "--deny-warnings"] },
  { name: "floors", arguments: ["--test", "--test-reporter=dot", "scripts/floors.test.ts"] },
  { name: "format", arguments: [bin("oxfmt", "oxfmt"), "--check"] },
];

const failed = parts.filter((part) => !passes(part.name, part.arguments)).map(({ name }) => name);
if (failed.length > 0) {
  console.error(`\ncheck: failed: ${failed.join(", ")}`);
  process.exitCode = 1;
} else {
  console.log("\ncheck: all is well");
}

function bin(packageName: string, file: string): string {
  return join("node_modules", packageName, "bin", file);
}

function passes(name: string, nodeArguments: readonly string[]): boolean {
  console.log(`\ncheck: ${name}`);
  const ran = spawnSync(process.execPath, nodeArguments, { cwd: root, stdio: "inherit" });
  if (ran.error) throw ran.error;
  return ran.status === 0;
}
