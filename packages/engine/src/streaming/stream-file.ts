import type { Clock, Slab, SlabPool } from "@shoal/runtime";
import { tryAcquire } from "../peer/try-acquire.ts";
import type { Transfer } from "../torrent/transfer.ts";
import { ReadPace } from "./read-pace.ts";

/** Which bytes of a file to read. */
export interface StreamOptions {
  /** The first byte; 0 when absent. */
  readonly start?: number;
  /** The byte behind the last one; the file's length when absent. */
  readonly end?: number;
  readonly signal?: AbortSignal;
}

/** Read and handed out at once. */
const CHUNK_BYTES = 256 * 1024;

/**
 * The bytes of a file in order, each chunk as soon as it is verified. What the reader comes to next is asked
 * for first, as far ahead as its pace makes sensible, until it has all or leaves.
 * @param init.reach Resolves once the condition holds, which changes with verified pieces.
 * @throws {RangeError} when the range is not within the file; {DiskError}; what `reach` throws.
 */
export async function* streamFile(init: {
  transfer: Transfer;
  fileIndex: number;
  options: StreamOptions;
  clock: Clock;
  reach: (isThere: () => boolean) => Promise<void>;
}): AsyncGenerator<Uint8Array, void, void> {
  const { transfer, fileIndex, options, clock, reach } = init;
  const { signal } = options;
  const file = transfer.metainfo.files[fileIndex];
  if (file === undefined) throw new RangeError(`There is no file ${fileIndex}.`);
  const { start = 0, end = file.lengthBytes } = options;
  if (!(start >= 0 && start <= end && end <= file.lengthBytes)) {
    throw new RangeError(
      `Expected a range within ${file.lengthBytes} bytes, got [${start}, ${end}).`,
    );
  }
  const { pieceLengthBytes } = transfer.metainfo;
  const reader = {};
  const pace = new ReadPace();
  const stop = file.offsetBytes + end;
  let at = file.offsetBytes + start;
  let piece = -1;
  try {
    while (at < stop) {
      signal?.throwIfAborted();
      const nowMs = clock.monotonicMs();
      if (Math.floor(at / pieceLengthBytes) !== piece) {
        piece = Math.floor(at / pieceLengthBytes);
        transfer.urgency.expect(reader, pace.deadlines(transfer, at, stop, nowMs));
      }
      if (!transfer.have.has(piece)) await reach(hasPiece(transfer, piece));
      const until = Math.min(stop, (piece + 1) * pieceLengthBytes, at + CHUNK_BYTES);
      const chunk = await readChunk(transfer, at, until - at, signal);
      at = until;
      const handedAtMs = clock.monotonicMs();
      yield chunk;
      pace.took(chunk.length, clock.monotonicMs() - handedAtMs);
    }
  } finally {
    transfer.urgency.expect(reader, new Map());
  }
}

function hasPiece({ have }: Transfer, piece: number): () => boolean {
  return () => have.has(piece);
}

async function readChunk(
  { pool, storage }: Transfer,
  offsetBytes: number,
  lengthBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const slab = await acquire(pool, signal);
  try {
    await storage.read({ ranges: [offsetBytes, lengthBytes, slab.offset] });
    // The reader may keep it for as long as it likes: memory of the pool is for what is on its way.
    return slab.bytes.slice(0, lengthBytes);
  } finally {
    slab.release();
  }
}

/** Waits for memory where there is none: receivers have it, and give it back as they pause. */
async function acquire(pool: SlabPool, signal: AbortSignal | undefined): Promise<Slab> {
  for (;;) {
    signal?.throwIfAborted();
    const slab = tryAcquire(pool, CHUNK_BYTES);
    if (slab !== null) return slab;
    await new Promise<void>((resolve) => {
      const stop = pool.onRelief(() => {
        stop();
        resolve();
      });
    });
  }
}
