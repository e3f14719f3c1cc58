import { bytesToHex, hexToBytes, type Hex } from "viem";
import { ChainError } from "../errors.ts";
import type { BlockRecord } from "./chain-records.ts";
import type { Evm, EvmCall } from "./evm.ts";

/** The newest block, as far as the next one needs it. */
export interface ChainHead {
  readonly number: number;
  readonly timestampS: number;
  readonly hash: Hex;
}

/** What a block's making told of it. */
export interface SealedBlock extends ChainHead {
  readonly mixHash: Uint8Array;
  /** Hashes of its transactions, in order. */
  readonly transactions: readonly Hex[];
}

/** The calls that make a block of what is in the pool, and look at it. */
function sealCalls(timestampS: number, mixHash: Uint8Array): readonly EvmCall[] {
  return [
    ["hardhat_setPrevRandao", [bytesToHex(mixHash)]],
    ["evm_mine", [`0x${timestampS.toString(16)}`]],
    ["eth_getBlockByNumber", ["latest", false]],
  ];
}

/** Makes a block of the pool's transactions. Nothing gets between the block and the look at it. */
export async function sealBlock(
  evm: Evm,
  timestampS: number,
  mixHash: Uint8Array,
): Promise<SealedBlock> {
  const answers = await evm.batch(sealCalls(timestampS, mixHash));
  return toSealedBlock(answers.at(-1), mixHash);
}

/**
 * Makes a block of the journal again.
 * @throws {ChainError} `bad-journal` when it comes out as another.
 */
export async function resealBlock(
  evm: Evm,
  record: BlockRecord,
  number: number,
  journal: string,
): Promise<SealedBlock> {
  const sends = record.transactions.map((bytes): EvmCall => [
    "eth_sendRawTransaction",
    [bytesToHex(bytes)],
  ]);
  const expected = bytesToHex(record.hash);
  let sealed: SealedBlock;
  try {
    const answers = await evm.batch([...sends, ...sealCalls(record.timestampS, record.mixHash)]);
    sealed = toSealedBlock(answers.at(-1), record.mixHash);
  } catch (cause) {
    const text = `Block ${number} of ${journal} cannot be executed again: ${(cause as Error).message}. ${ADVICE}`;
    throw new ChainError("bad-journal", text, { cause });
  }
  if (sealed.hash === expected && sealed.number === number) return sealed;
  throw new ChainError(
    "bad-journal",
    `Block ${number} of ${journal} has the hash ${expected}, and executing it again gives ${sealed.hash}. ${ADVICE}`,
  );
}

const ADVICE =
  "The journal was changed, or written by another version of this program. Use that one, bring the file back from a backup, or move it away to begin a new chain.";

function toSealedBlock(answer: unknown, mixHash: Uint8Array): SealedBlock {
  const { number, timestamp, hash, transactions } = answer as {
    readonly number: Hex;
    readonly timestamp: Hex;
    readonly hash: Hex;
    readonly transactions: readonly Hex[];
  };
  return { number: Number(number), timestampS: Number(timestamp), hash, transactions, mixHash };
}

/** The head that a fresh EVM begins with. */
export async function readHead(evm: Evm): Promise<ChainHead> {
  const { number, timestampS, hash } = toSealedBlock(
    await evm.request("eth_getBlockByNumber", ["latest", false]),
    new Uint8Array(),
  );
  return { number, timestampS, hash };
}

/** @returns the record of a block whose transactions are known by their hashes. */
export function toRecord(block: SealedBlock, rawOf: (hash: Hex) => Hex): BlockRecord {
  return {
    timestampS: block.timestampS,
    mixHash: block.mixHash,
    hash: hexToBytes(block.hash),
    transactions: block.transactions.map((hash) => hexToBytes(rawOf(hash))),
  };
}
