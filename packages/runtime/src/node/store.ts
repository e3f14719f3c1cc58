import { StoreError } from "../errors.ts";
import type { SqlRow, Store } from "../ports/store.ts";
import { reviveStoreError } from "./store-errors.ts";
import type { StoreJob, StoreWorkerData } from "./store-jobs.ts";
import { createWorkerLink } from "./worker-link.ts";

/** A SQLite database at `path`, or in memory when it is null, in a thread of its own. */
export function createStore(path: string | null): Store {
  const workerData: StoreWorkerData = { path };
  const link = createWorkerLink({ file: "store-worker", workerData, revive: reviveStoreError });
  let isClosed = false;

  async function call(job: StoreJob): Promise<unknown> {
    if (isClosed) throw new StoreError("closed", "The database is closed.");
    return await link.call(job);
  }

  return {
    async open(schema) {
      await call({ kind: "open", schema });
      return {
        select: async (statement) => (await call({ kind: "select", statement })) as SqlRow[],
        async commit(statements, durability = "full") {
          await call({ kind: "commit", statements, durability });
        },
      };
    },
    async close() {
      if (isClosed) return;
      const closing = link.isStarted ? call({ kind: "close" }) : null;
      isClosed = true;
      await closing;
      await link.close();
    },
  };
}
