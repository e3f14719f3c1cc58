/**
 * Runs the Solidity tests in a process of its own:
 * `node run-solidity-tests.ts [--runs N] [--depth N] [--seed HEX|random] [--grep TEXT]`.
 * Nothing is downloaded or reported, and everything it writes lies in a folder that goes away with it.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as contracts from "../index.ts";
import { COMPILER_SETTINGS, SOLIDITY_VERSION } from "./compiler-settings.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "64" },
    depth: { type: "string", default: "40" },
    grep: { type: "string" },
    seed: { type: "string" },
  },
});

const seed = values.seed === "random" ? `0x${randomBytes(32).toString("hex")}` : values.seed;
if (seed !== undefined) console.log(`Seed: --seed ${seed}`);
const folder = mkdtempSync(join(tmpdir(), "shoal-solidity-"));
// Hardhat keeps what it knows of its user and compilers below the home folder, and asks about telemetry once.
for (const name of ["HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"]) {
  process.env[name] = folder;
}
process.env["HARDHAT_DISABLE_TELEMETRY_PROMPT"] = "true";
// The tests deploy what is committed, whose sources need not be compiled again.
for (const artifact of Object.values(contracts)) {
  if (typeof artifact !== "object" || !("bytecode" in artifact)) continue;
  process.env[`SHOAL_BYTECODE_${artifact.contractName}`] = artifact.bytecode;
}

let succeeded = false;
try {
  succeeded = await run();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = succeeded ? 0 : 1;

async function run(): Promise<boolean> {
  const { createHardhatRuntimeEnvironment } = await import("hardhat/hre");
  const hardhat = await createHardhatRuntimeEnvironment(
    {
      solidity: {
        compilers: [
          {
            version: SOLIDITY_VERSION,
            path: createRequire(import.meta.url).resolve("solc/soljson.js"),
            settings: { evmVersion: COMPILER_SETTINGS.evmVersion, optimizer: { enabled: false } },
          },
        ],
      },
      paths: {
        sources: "./solidity/interfaces",
        tests: { solidity: "./solidity/test" },
        cache: join(folder, "cache"),
        artifacts: join(folder, "artifacts"),
      },
      test: {
        solidity: {
          fuzz: { runs: Number(values.runs), ...(seed === undefined ? {} : { seed }) },
          invariant: {
            runs: Math.max(1, Math.floor(Number(values.runs) / 8)),
            depth: Number(values.depth),
            failOnRevert: true,
          },
        },
      },
    },
    {},
    join(import.meta.dirname, "..", ".."),
  );
  const options = values.grep === undefined ? {} : { grep: values.grep };
  const result = (await hardhat.tasks.getTask(["test", "solidity"]).run(options)) as {
    readonly success: boolean;
  };
  return result.success;
}
