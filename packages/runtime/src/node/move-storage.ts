import type { FileState, MoveOptions, StorageLayout } from "../ports/disk.ts";
import type { DiskJob, MovePlan, MoveStep } from "./disk-jobs.ts";

/** What was written while files were copied is copied again; once it is less than this, with everything held up. */
const FEW_BYTES = 32 * 1024 * 1024;
/** A download may be faster than the copying. */
const MAX_ROUNDS = 4;

/** Has a worker do a job. */
type Call = (job: DiskJob) => Promise<unknown>;

/** The ranges of the linear space that are written while a storage is moved. */
export type WrittenRanges = (readonly [offsetBytes: number, lengthBytes: number])[];

/** A storage, as far as moving it is concerned. */
export interface MovableStorage {
  readonly id: number;
  readonly layout: StorageLayout;
  /** For jobs beside others. */
  readonly call: Call;
  /** Lets nothing overlap with `act`, and gives it a way to have jobs done meanwhile. */
  rearrange(act: (call: Call) => Promise<void>): Promise<void>;
  change(layout: StorageLayout): void;
}

/** See `Storage.move`. @param written Filled while this goes on. */
export async function moveStorage(
  storage: MovableStorage,
  to: string,
  options: MoveOptions,
  written: WrittenRanges,
): Promise<void> {
  const { id, layout } = storage;
  const { isResumed = false } = options;
  const planJob: DiskJob = { kind: "move-plan", storage: id, to, isResumed };
  const plan = (await storage.call(planJob)) as MovePlan;
  const files = new FilesOnTheMove(id, to, options, plan);
  let isCommitted = false;
  try {
    if (!plan.isSamePlace) {
      await files.bring(storage.call, plan.fileIndices);
      await files.patch(storage.call, written, MAX_ROUNDS);
    }
    options.signal?.throwIfAborted();
    await storage.rearrange(async (call) => {
      if (!plan.isSamePlace) {
        // Files that were made since, and what was written to the others.
        const late = (await call({ ...planJob, isResumed: true })) as MovePlan;
        await files.bring(call, late.fileIndices);
        await files.patch(call, written, Infinity);
        await call({ kind: "move-sync", storage: id, to });
      }
      const states = (await call({ kind: "states", storage: id, root: to })) as FileState[];
      await options.commit?.(states);
      isCommitted = true;
      storage.change({ ...layout, root: to });
    });
  } catch (error) {
    const isEnding =
      options.signal?.aborted === true || (error as { code?: string }).code === "closed";
    if (!isCommitted && !isEnding && !plan.isSamePlace) await files.takeBack(storage.call);
    throw error;
  }
  options.onProgress?.(1);
  if (plan.isSamePlace) return;
  await storage.call({ kind: "remove", storage: id, root: layout.root, what: "everything" });
}

/** The files that are in their new places already, and how far the others are. */
class FilesOnTheMove {
  readonly #storage: number;
  readonly #to: string;
  readonly #options: MoveOptions;
  readonly #plan: MovePlan;
  readonly #there = new Set<number>();
  #copiedBytes = 0;

  constructor(storage: number, to: string, options: MoveOptions, plan: MovePlan) {
    this.#storage = storage;
    this.#to = to;
    this.#options = options;
    this.#plan = plan;
  }

  async bring(call: Call, fileIndices: readonly number[]): Promise<void> {
    for (const fileIndex of fileIndices) {
      if (this.#there.has(fileIndex)) continue;
      let step: MoveStep | null = { position: 0, modifiedMs: 0 };
      while (step !== null) {
        this.#options.signal?.throwIfAborted();
        const job: DiskJob = this.#job(fileIndex, step);
        const before = step.position;
        step = (await call(job)) as MoveStep | null;
        this.#copiedBytes += Math.max(0, (step?.position ?? 0) - before);
        this.#tell();
      }
      this.#there.add(fileIndex);
    }
  }

  /** Copies again what was written, until it is little or so many times. */
  async patch(call: Call, written: WrittenRanges, maxRounds: number): Promise<void> {
    const [storage, to] = [this.#storage, this.#to];
    for (let round = 0; round < maxRounds && written.length > 0; round++) {
      const waitingBytes = written.reduce((sum, [, lengthBytes]) => sum + lengthBytes, 0);
      if (maxRounds < Infinity && waitingBytes < FEW_BYTES) return;
      for (const [offsetBytes, lengthBytes] of written.splice(0)) {
        await call({ kind: "move-patch", storage, to, offsetBytes, lengthBytes });
      }
    }
  }

  /** Nothing of it stays in the new place. */
  async takeBack(call: Call): Promise<void> {
    const job: DiskJob = {
      kind: "remove",
      storage: this.#storage,
      root: this.#to,
      what: "everything",
    };
    // Whoever hears that the move failed need not hear that of its traces too.
    await call(job).catch(() => {});
  }

  #job(fileIndex: number, step: MoveStep): DiskJob {
    return { kind: "move-file", storage: this.#storage, to: this.#to, fileIndex, step };
  }

  #tell(): void {
    this.#options.onProgress?.(
      Math.min(1, this.#copiedBytes / Math.max(1, this.#plan.lengthBytes)),
    );
  }
}
