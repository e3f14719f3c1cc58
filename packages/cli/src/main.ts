#!/usr/bin/env node
import process from "node:process";

// The version is asked for by scripts, over and over: nothing else is loaded for it.
if (process.argv.length === 3 && /^(?:--version|-V)$/.test(process.argv[2] ?? "")) {
  const { readVersion } = await import("./process/read-version.ts");
  console.log(readVersion());
} else {
  const { runCli } = await import("./run-cli.ts");
  await runCli(process.argv.slice(2));
}
