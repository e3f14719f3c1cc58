import type { Disk, Journal } from "@shoal/runtime";
import { ChainError } from "../errors.ts";
import { type ChainRecord, decodeRecord, encodeRecord } from "./chain-records.ts";
import { encodeFrame, findFrame, readFrame } from "./journal-frame.ts";

const CHUNK_BYTES = 4 * 1024 * 1024;

/** The records of a chain on the disk, in their order. */
export interface ChainJournal {
  readonly lengthBytes: number;
  /** Answers once the record survives a power cut. */
  append(record: ChainRecord): Promise<void>;
  close(): Promise<void>;
}

/** A record as it is read back, and the part of the journal that was read with it. */
export interface ReadRecord {
  readonly record: ChainRecord;
  /** 0 to 1. */
  readonly part: number;
}

/**
 * Opens the journal at `path` and reads all of it. What the last append left unfinished is cut off: nobody was told of
 * it.
 * @param take Called with each record in order, and waited for.
 * @throws {ChainError} `bad-journal` for damage that is no unfinished append: later records follow it.
 * @throws {DiskError} `locked` while another program has it open.
 */
export async function openChainJournal(
  disk: Disk,
  path: string,
  take: (read: ReadRecord) => Promise<void>,
): Promise<ChainJournal & { readonly tornBytes: number }> {
  const journal = await disk.openJournal(path);
  try {
    const endBytes = await readAll(journal, path, take);
    const tornBytes = journal.lengthBytes - endBytes;
    if (tornBytes > 0) await journal.truncate(endBytes);
    return {
      tornBytes,
      get lengthBytes() {
        return journal.lengthBytes;
      },
      append: (record) => journal.append(encodeFrame(encodeRecord(record))),
      close: () => journal.close(),
    };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/** @returns where the last whole frame ends. */
async function readAll(
  journal: Journal,
  path: string,
  take: (read: ReadRecord) => Promise<void>,
): Promise<number> {
  let bytes: Buffer = Buffer.alloc(0);
  /** Where in the file `bytes` begins, and where in `bytes` the next frame does. */
  let start = 0;
  let at = 0;
  for (;;) {
    const reading = readFrame(bytes, at);
    if (reading.kind === "frame") {
      at += reading.lengthBytes;
      await take({
        record: decodeRecord(reading.payload),
        part: (start + at) / journal.lengthBytes,
      });
      continue;
    }
    const left = journal.lengthBytes - start - bytes.length;
    if (reading.kind === "short" && left > 0) {
      const missing = at + reading.neededBytes - bytes.length;
      const more = await journal.read(start + bytes.length, Math.max(missing, CHUNK_BYTES));
      bytes = Buffer.concat([bytes.subarray(at), more]);
      start += at;
      at = 0;
      continue;
    }
    const end = start + at;
    if (left === 0 && at === bytes.length) return end;
    const rest = Buffer.concat([
      bytes.subarray(at),
      await journal.read(start + bytes.length, left),
    ]);
    const next = findFrame(rest, 1);
    if (next !== null) throw damaged(path, end, end + next);
    return end;
  }
}

function damaged(path: string, from: number, to: number): ChainError {
  return new ChainError(
    "bad-journal",
    `${path} is damaged from byte ${from} to ${to}, in front of blocks that are whole, so the chain cannot be believed. ` +
      "Bring the file back from a backup, or move it away to begin a new chain.",
  );
}
