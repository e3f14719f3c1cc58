import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";
import { COMPILER_SETTINGS } from "./compiler-settings.ts";

/** Where the contracts lie. */
export const SOLIDITY_FOLDER = fileURLToPath(new URL("../../solidity/", import.meta.url));

/** What the compiler says of one contract, as far as it is used here. */
export interface CompiledContract {
  readonly abi: readonly unknown[];
  readonly evm: {
    readonly bytecode: { readonly object: string };
    readonly deployedBytecode: {
      readonly object: string;
      readonly immutableReferences: Readonly<
        Record<string, readonly { readonly start: number; readonly length: number }[]>
      >;
    };
  };
}

interface CompilerOutput {
  readonly errors?: readonly {
    readonly severity: "error" | "warning" | "info";
    readonly formattedMessage: string;
    readonly sourceLocation?: { readonly file: string };
  }[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>;
}

/** The contracts by name, and the whole input that compiles to them, by which explorers verify. */
export interface Compilation {
  readonly contracts: ReadonlyMap<string, CompiledContract>;
  readonly standardInput: StandardInput;
}

/** Input of the compiler, with the sources of all that is imported. */
export interface StandardInput {
  readonly language: "Solidity";
  readonly sources: Readonly<Record<string, { readonly content: string }>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

const require = createRequire(import.meta.url);
const compile = solc.compile as (input: string) => string;

/**
 * Compiles the contracts that are deployed: those of the files directly in `solidity`.
 * @throws {Error} with the compiler's words, warnings about sources of ours included.
 */
export function compileContracts(): Compilation {
  const files = globSync("*.sol", { cwd: SOLIDITY_FOLDER }).sort();
  const outputSelection: Record<string, Record<string, readonly string[]>> = {};
  for (const file of files) {
    const wanted = ["abi", "evm.bytecode.object", "evm.deployedBytecode"];
    outputSelection[`solidity/${file}`] = { [file.replace(".sol", "")]: wanted };
  }
  const input: StandardInput = {
    language: "Solidity",
    sources: readSources(files.map((file) => `solidity/${file}`)),
    settings: { ...COMPILER_SETTINGS, outputSelection },
  };
  const output = JSON.parse(compile(JSON.stringify(input))) as CompilerOutput;
  const complaints = (output.errors ?? [])
    .filter(
      ({ severity, sourceLocation }) =>
        severity === "error" || sourceLocation?.file.startsWith("solidity/") !== false,
    )
    .map(({ formattedMessage }) => formattedMessage);
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
  const contracts = new Map<string, CompiledContract>();
  for (const byName of Object.values(output.contracts ?? {})) {
    for (const [name, contract] of Object.entries(byName)) contracts.set(name, contract);
  }
  return { contracts, standardInput: input };
}

/** Follows the imports from the given files, in a fixed order. */
function readSources(entries: readonly string[]): StandardInput["sources"] {
  const found = new Map<string, string>();
  const waiting = [...entries];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (found.has(name)) continue;
    const text = readFileSync(pathOf(name), "utf8");
    found.set(name, text);
    for (const [, imported = ""] of text.matchAll(/^import [^"]*"([^"]+)";/gm)) {
      waiting.push(imported.startsWith(".") ? join(name, "..", imported) : imported);
    }
  }
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, content]) => [name, { content }]));
}

function pathOf(name: string): string {
  return name.startsWith("solidity/")
    ? join(SOLIDITY_FOLDER, name.slice("solidity/".length))
    : require.resolve(name);
}
