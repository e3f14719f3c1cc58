import { StoreError } from "../errors.ts";
import { toStoreError } from "../node/store-errors.ts";
import type { Store } from "../ports/store.ts";
import { Database } from "./database.ts";
import type { SimProcess } from "./sim-process.ts";

/** The store of one host: SQLite in memory, in the world's time. */
export function createSimStore(process: SimProcess): Store {
  const { machine, world } = process;
  const syncMs = machine.options.storeSyncMs ?? 2;
  let isClosed = false;
  /** When the call before is done: calls are carried out in order. */
  let busyUntilMs = 0;

  const call = <T>(durationMs: number, act: (database: Database) => T): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    busyUntilMs = Math.max(busyUntilMs, world.loop.nowMs) + durationMs;
    process.later(busyUntilMs - world.loop.nowMs, () => {
      process.trace("store", 0);
      try {
        machine.database ??= new Database();
        resolve(act(machine.database));
      } catch (error) {
        reject(toStoreError(error, null));
      }
    });
    return promise;
  };
  const assertOpen = () => {
    if (isClosed) throw new StoreError("closed", "The database is closed.");
  };

  return {
    async open(schema) {
      assertOpen();
      await call(syncMs, (database) => database.migrate(schema, world.loop.nowMs));
      return {
        async select(statement) {
          assertOpen();
          return await call(syncMs / 10, (database) => database.select(statement));
        },
        async commit(statements, durability = "full") {
          assertOpen();
          const durationMs = durability === "full" ? syncMs : syncMs / 10;
          await call(durationMs, (database) =>
            database.commit(statements, durability, world.loop.nowMs),
          );
        },
      };
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await call(0, () => {});
    },
  };
}
