/** The exact compiler; its JavaScript build comes with the npm package `solc`, so nothing is downloaded. */
export const SOLIDITY_VERSION = "0.8.37";

/**
 * How everything is compiled, for deployment and for the tests alike.
 * - `paris` has no PUSH0, so the output runs on every network named in docs/contracts.md, BTTC and TRON included.
 * - Runs far above what is usual: redeeming is called for years, and each contract is deployed once.
 * - No hash of the metadata at the end: a comment changes no bytecode, and so no deterministic address.
 */
export const COMPILER_SETTINGS = {
  evmVersion: "paris",
  optimizer: { enabled: true, runs: 100_000 },
  metadata: { bytecodeHash: "none", appendCBOR: false },
} as const;
