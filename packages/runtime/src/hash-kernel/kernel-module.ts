import { buildCompression } from "./compression.ts";
import { sha1Rounds } from "./sha1-rounds.ts";
import { sha256Rounds } from "./sha256-rounds.ts";
import { assembleModule } from "./wasm-assembler.ts";

/** The WebAssembly module that `kernel-bytes.ts` holds, with the exports `sha1` and `sha256`. */
export function buildKernelModule(): Uint8Array<ArrayBuffer> {
  return assembleModule([sha1Rounds, sha256Rounds].map((rounds) => buildCompression(rounds)));
}

/** The source text of `kernel-bytes.ts`. */
export function formatKernelBytes(module: Uint8Array): string {
  return [
    "// Generated: node packages/runtime/src/hash-kernel/generate.ts",
    "",
    "/** The WebAssembly module that `kernel-module.ts` builds, in base64. */",
    "export const KERNEL_BASE64 =",
    `  "${Buffer.from(module).toString("base64")}";`,
    "",
  ].join("\n");
}
