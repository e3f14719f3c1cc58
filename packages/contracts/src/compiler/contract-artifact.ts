/** A contract as the compiler made it: what deploying, calling and verifying need. */
export interface ContractArtifact<Abi extends readonly unknown[] = readonly unknown[]> {
  /** Name in its source: `BandwidthChannels`. */
  readonly contractName: string;
  /** Its file in the compiler's input: `solidity/BandwidthChannels.sol`. */
  readonly sourceName: string;
  /** Functions, events and errors, as viem and ethers read them. */
  readonly abi: Abi;
  /** Creation code without the constructor's arguments, as hexadecimal. */
  readonly bytecode: `0x${string}`;
  /** What lies on chain once deployed, with zero bytes in place of each immutable. */
  readonly runtimeBytecode: `0x${string}`;
  /** Where the constructor's values stand in `runtimeBytecode`, in order, when code is compared. */
  readonly immutables: readonly { readonly offsetBytes: number; readonly lengthBytes: number }[];
}
