import { DiskError } from "../errors.ts";
import type { Disk, Storage } from "../ports/disk.ts";
import type { SlabPool } from "../ports/slab-pool.ts";
import { createSlabPool } from "../slab-pool/slab-pool.ts";
import { DiskQueue } from "./disk-queue.ts";
import { openSimJournal } from "./sim-journal.ts";
import type { SimProcess } from "./sim-process.ts";
import { SimStorage } from "./sim-storage.ts";

/** Room for a hundred peers. Address space only: measured, 5000 hosts with a slab each take 0.4 GB. */
const DEFAULT_POOL_BYTES = 8 * 1024 * 1024;

/** The disk of one host. Hashing takes no virtual time. */
export function createSimDisk(process: SimProcess): Disk {
  const queue = new DiskQueue(process);
  const storages = new Set<SimStorage>();
  let pool: SlabPool | null = null;
  let isClosed = false;
  const getPool = () => {
    pool ??= createSlabPool({
      budgetBytes: process.machine.options.poolBytes ?? DEFAULT_POOL_BYTES,
    });
    return pool;
  };
  return {
    get pool() {
      return getPool();
    },
    bootId: `boot ${process.machine.boots}`,
    checkWidth: 1,
    async open(layout): Promise<Storage> {
      if (isClosed) throw new DiskError("closed", layout.root, "The disk is closed.");
      const storage = new SimStorage(process, queue, layout, () => getPool().memory);
      await storage.inspect();
      storages.add(storage);
      return storage;
    },
    async list(folder, most) {
      const prefix = `${folder.replace(/\/+$/, "")}/`;
      const { files } = process.machine;
      return files
        .paths()
        .filter((path) => path.startsWith(prefix) && files.find(path) !== undefined)
        .slice(0, most)
        .map((path) => ({
          path: path.slice(prefix.length).split("/"),
          lengthBytes: files.find(path)!.content.lengthBytes,
        }));
    },
    async openJournal(path) {
      if (isClosed) throw new DiskError("closed", path, "The disk is closed.");
      return openSimJournal(process, queue, path);
    },
    freeBytes: async () => process.machine.files.freeBytes,
    async close() {
      isClosed = true;
      await Promise.all([...storages].map((storage) => storage.close()));
      process.held.delete(queue);
    },
  };
}
