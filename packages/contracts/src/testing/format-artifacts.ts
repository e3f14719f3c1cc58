import { compileContracts, type CompiledContract } from "./compile-contracts.ts";

/** Longest line of an ABI's list, in characters, that stays whole. */
const LINE_LENGTH = 160;

/** What generated files begin with. */
const NOTICE = "Written by generate.ts from the Solidity source; run it after a change there.";

/**
 * Compiles the contracts and writes them down as TypeScript.
 * @returns text of each generated file, by its name within `src/artifacts`.
 */
export function formatArtifacts(): ReadonlyMap<string, string> {
  const { contracts, standardInput } = compileContracts();
  const files = new Map<string, string>();
  for (const [name, contract] of contracts) {
    files.set(`${kebabCase(name)}.ts`, formatContract(name, contract));
  }
  files.set("standard-input.ts", formatStandardInput(standardInput));
  return files;
}

function formatContract(name: string, { abi, evm }: CompiledContract): string {
  const variable = camelCase(name);
  const references = Object.values(evm.deployedBytecode.immutableReferences).flat();
  const immutables = references
    .map(({ start, length }) => ({ offsetBytes: start, lengthBytes: length }))
    .sort((a, b) => a.offsetBytes - b.offsetBytes);
  return `/* ${NOTICE} */
import type { ContractArtifact } from "../compiler/contract-artifact.ts";

/** ABI of \`${name}\`: functions, events and errors, those of what it rests on included. */
export const ${variable}Abi = [
${abi.map((item) => formatItem(item)).join("\n")}
] as const;

/** \`${name}\` as it is deployed. */
export const ${variable}Artifact: ContractArtifact<typeof ${variable}Abi> = {
  contractName: "${name}",
  sourceName: "solidity/${name}.sol",
  abi: ${variable}Abi,
  bytecode: "0x${evm.bytecode.object}",
  runtimeBytecode: "0x${evm.deployedBytecode.object}",
  immutables: ${JSON.stringify(immutables)},
};
`;
}

/** One entry of an ABI: on one line, or one line for each of its members. What sources call a type is left out. */
function formatItem(entry: unknown): string {
  const line = JSON.stringify(entry, (key, value: unknown) =>
    key === "internalType" ? undefined : value,
  );
  const item: unknown = JSON.parse(line);
  if (line.length <= LINE_LENGTH) return `  ${line},`;
  const members = Object.entries(item as Record<string, unknown>);
  const lines = members.map(
    ([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)},`,
  );
  return `  {\n${lines.join("\n")}\n  },`;
}

function formatStandardInput(input: unknown): string {
  return `/* ${NOTICE} */

/** The compiler's whole standard JSON input, sources included, with which explorers verify what is deployed. */
export const standardInputJson: string = ${JSON.stringify(JSON.stringify(input))};
`;
}

/** \`BandwidthChannels\` -> \`bandwidth-channels\`, \`WrappedBTT\` -> \`wrapped-btt\`. */
function kebabCase(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, "$1-$2").toLowerCase();
}

/** \`BandwidthChannels\` -> \`bandwidthChannels\`, \`BTT\` -> \`btt\`, \`WrappedBTT\` -> \`wrappedBtt\`. */
function camelCase(name: string): string {
  return kebabCase(name).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
