import type { Disk } from "@shoal/runtime";
import { bytesToHex, type Hex } from "viem";
import { ChainError } from "../errors.ts";
import { type ChainHead, readHead, resealBlock } from "./block-sealing.ts";
import { type ChainJournal, openChainJournal } from "./chain-journal.ts";
import { createEvm, type Evm } from "./evm.ts";
import type { Genesis } from "./genesis.ts";

/** How far a replay has come. */
export interface ReplayProgress {
  readonly blocks: number;
  readonly transactions: number;
  /** Of the journal, 0 to 1. */
  readonly part: number;
}

/** A chain as it was when its program ended, however it ended. */
export interface RestoredChain {
  readonly journal: ChainJournal;
  readonly evm: Evm;
  readonly genesis: Genesis;
  readonly head: ChainHead;
  /** Transactions that waited, in the order in which they were taken. */
  readonly waiting: readonly Hex[];
  readonly blocks: number;
  readonly transactions: number;
  /** Left over by an append that was cut off; nobody was told of it. */
  readonly tornBytes: number;
}

/**
 * Executes all blocks of the journal at `path` again, comparing every hash; begins a new chain where there is none.
 * @throws {ChainError} `bad-journal`.
 * @throws {DiskError} `locked` while another program has the chain open.
 */
export async function restoreChain(init: {
  readonly disk: Disk;
  readonly path: string;
  /** Draws what a new chain begins with. */
  readonly begin: () => Genesis;
  readonly onProgress: (progress: ReplayProgress) => void;
}): Promise<RestoredChain> {
  const { disk, path, onProgress } = init;
  const waiting = new Set<Hex>();
  let started: { readonly evm: Evm; readonly genesis: Genesis } | null = null;
  let head: ChainHead | null = null;
  let transactions = 0;

  const journal = await openChainJournal(disk, path, async ({ record, part }) => {
    if (record.kind === "genesis") {
      started = { evm: await createEvm(record.genesis), genesis: record.genesis };
      head = await readHead(started.evm);
      assertBegin(head.hash, bytesToHex(record.hash), path, record.genesis);
      return;
    }
    if (started === null || head === null) throw new ChainError("bad-journal", noGenesis(path));
    if (record.kind === "waiting") {
      for (const raw of record.transactions) waiting.add(bytesToHex(raw));
      return;
    }
    head = await resealBlock(started.evm, record.block, head.number + 1, path);
    if (waiting.size > 0) {
      for (const raw of record.block.transactions) waiting.delete(bytesToHex(raw));
    }
    transactions += record.block.transactions.length;
    onProgress({ blocks: head.number, transactions, part });
  });

  try {
    if (started === null || head === null) {
      const genesis = init.begin();
      const evm = await createEvm(genesis);
      head = await readHead(evm);
      started = { evm, genesis };
      await journal.append({
        kind: "genesis",
        genesis,
        hash: Buffer.from(head.hash.slice(2), "hex"),
      });
    }
    const { evm, genesis } = started;
    const { number, timestampS, hash } = head;
    return {
      journal,
      evm,
      genesis,
      head: { number, timestampS, hash },
      waiting: [...waiting],
      blocks: number,
      transactions,
      tornBytes: journal.tornBytes,
    };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

function assertBegin(actual: Hex, expected: Hex, path: string, { engine }: Genesis): void {
  if (actual === expected) return;
  throw new ChainError(
    "bad-journal",
    `The chain of ${path}, written with ${engine}, begins with the hash ${expected}, and this program makes it ${actual}. ` +
      "Use the version that wrote it, or move the file away to begin a new chain.",
  );
}

function noGenesis(path: string): string {
  return `${path} does not begin as a chain's journal does. Move it away, or use another folder.`;
}
