#!/usr/bin/env node
import { readFileSync } from "node:fs";

const manifest: unknown = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
);

if (process.argv[2] === "--version") {
  const isNamed = typeof manifest === "object" && manifest !== null && "version" in manifest;
  console.log(isNamed ? manifest.version : "unknown");
} else {
  console.error("usage: shoal --version");
  process.exitCode = 2;
}
