import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { DiskError } from "../errors.ts";
import { LANES } from "../hash-kernel/scratch-layout.ts";
import type { Disk, StorageLayout } from "../ports/disk.ts";
import type { Journal } from "../ports/journal.ts";
import { createSlabPool } from "../slab-pool/slab-pool.ts";
import { reviveDiskError, toDiskError } from "./disk-errors.ts";
import type { DiskJob, DiskWorkerData } from "./disk-jobs.ts";
import { DiskStorage } from "./disk-storage.ts";
import { listFolder } from "./list-folder.ts";
import { openJournal } from "./journal.ts";
import { createDiskMemory } from "./shared-memory.ts";
import { assertSafePath, createStorageMap } from "./storage-map.ts";
import type { DiskWorkers } from "./disk-workers.ts";
import { createWorkerLink } from "./worker-link.ts";
import type { WorkerLink } from "./worker-link.ts";

/** Open files of all workers together: a quarter of the usual limit of 1024, the rest is for peers. */
const OPEN_FILES = 256;

/** More threads than this read no faster, on any disk measured. */
const MAX_READERS = 4;

/** Sixteen cores hash faster than any disk reads. */
const MAX_HASHERS = 16;

/** However many share the machine, a thread does not open and close a file for each block. */
const MIN_OPEN_FILES = 8;

/**
 * The machine's disks, and a pool of `poolBudgetBytes` that workers and sockets share.
 * @param options.sharedBy So many share the machine's cores, and may have files open.
 */
export function createDisk(options: {
  readonly poolBudgetBytes: number;
  readonly sharedBy?: number;
}): Disk {
  const { sharedBy = 1 } = options;
  if (!Number.isInteger(sharedBy) || sharedBy < 1) {
    throw new RangeError(`Expected a machine shared by 1 or more, got ${sharedBy}.`);
  }
  const cores = Math.ceil(Math.min(availableParallelism(), MAX_HASHERS) / sharedBy);
  const { memory, workspaces } = createDiskMemory(options.poolBudgetBytes, cores);
  const pool = createSlabPool({ budgetBytes: options.poolBudgetBytes, memory: memory.buffer });
  const readers = Math.min(MAX_READERS, Math.max(1, Math.floor(cores / 2)));
  const openFiles = Math.max(MIN_OPEN_FILES, Math.floor(OPEN_FILES / sharedBy / (cores + readers)));
  const opened = new Map<number, DiskJob>();
  const link = (workspace: number) => createDiskLink({ memory, workspace, openFiles }, opened);
  const hashers = workspaces.map(link);
  const workers: DiskWorkers = {
    hashers,
    receivers: hashers.slice(0, Math.max(1, cores - 1)),
    readers: Array.from({ length: readers }, () => link(workspaces[0] as number)),
  };
  const all = [...hashers, ...workers.readers];
  const storages = new Set<DiskStorage>();
  const journals = new Set<Journal>();
  let lastStorage = 0;
  let isClosed = false;

  return {
    pool,
    bootId: readBootId(),
    // SHA-1 is fastest with every lane of every thread filled.
    checkWidth: cores * LANES,
    async open(layout) {
      if (isClosed) throw new DiskError("closed", layout.root, "The disk is closed.");
      const known = readLayout(layout);
      const id = ++lastStorage;
      announce(id, known);
      const storage = new DiskStorage({
        id,
        layout: known,
        workers,
        onChanged: (changed) => announce(id, changed),
        onClosed: () => forget(storage),
      });
      storages.add(storage);
      try {
        await storage.inspect();
      } catch (error) {
        await storage.close();
        throw error;
      }
      return storage;
    },
    list: (folder, most) => listFolder(resolve(folder), most),
    async openJournal(path) {
      if (isClosed) throw new DiskError("closed", path, "The disk is closed.");
      const journal = await openJournal(resolve(path), () => journals.delete(journal));
      journals.add(journal);
      return journal;
    },
    freeBytes: (path) => freeBytes(resolve(path)),
    async close() {
      isClosed = true;
      await Promise.all([...storages, ...journals].map((open) => open.close()));
      await Promise.all(all.map((link) => link.close()));
    },
  };

  function announce(storage: number, layout: StorageLayout): void {
    const job: DiskJob = { kind: "open", storage, ...layout };
    opened.set(storage, job);
    for (const started of all) if (started.isStarted) started.call(job).catch(() => {});
  }

  function forget(storage: DiskStorage): void {
    opened.delete(storage.id);
    storages.delete(storage);
    for (const started of all) {
      if (started.isStarted) started.call({ kind: "close", storage: storage.id }).catch(() => {});
    }
  }
}

function createDiskLink(data: DiskWorkerData, opened: ReadonlyMap<number, DiskJob>): WorkerLink {
  return createWorkerLink({
    file: "disk-worker",
    workerData: data,
    revive: reviveDiskError,
    greet: () => [...opened.values()],
  });
}

/** Linux tells; elsewhere it is not known. */
function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return "";
  }
}

/** @throws {RangeError} for overlapping files, {DiskError} for unsafe paths. */
function readLayout(layout: StorageLayout): StorageLayout {
  const root = resolve(layout.root);
  if (layout.partFile !== undefined) assertSafePath(root, layout.partFile.path);
  for (const file of layout.files) {
    assertSafePath(root, file.path);
    if (file.symlinkTarget !== undefined) assertSafePath(root, file.symlinkTarget);
  }
  createStorageMap(layout.files, layout.partFile);
  return { ...layout, root };
}

async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && dirname(path) !== path) {
      return await freeBytes(dirname(path));
    }
    throw toDiskError(error, path);
  }
}
