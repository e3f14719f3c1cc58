/** The exact compiler; its JavaScript build comes with the npm package `solc`, so nothing is downloaded. */
export const SOLIDITY_VERSION = "0.8.37";

/**
 * How everything is compiled, for deployment and for the tests alike.
 * - `paris` has no PUSH0, so the output runs on every network named in docs/contracts.md, BTTC and TRON included.
 * - More runs than usual: redeeming is called for years, and each contract is deployed once. Still more save
 *   less than 1% of gas, and a third more time is spent compiling.
 * - No hash of the metadata at the end: a comment changes no bytecode, and so no deterministic address.
 */
export const COMPILER_SETTINGS = {
  evmVersion: "paris",
  optimizer: { enabled: true, runs: 1_000 },
  metadata: { bytecodeHash: "none", appendCBOR: false },
} as const;
