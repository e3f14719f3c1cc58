import type { SqlStatement, Tables } from "@shoal/runtime";

interface Waiting {
  readonly statements: readonly SqlStatement[];
  readonly durability: "full" | "normal";
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A batch is no longer than this, so that who waits for the first of many thousands waits no second. */
const MAX_BATCH = 500;

/**
 * Writes of many torrents in few transactions: what is asked for while one is under way goes
 * together into the next. Order is kept.
 */
export class GroupCommit {
  readonly #tables: Tables;
  #waiting: Waiting[] = [];
  #isRunning = false;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** Carries out all statements or none. @throws {StoreError} */
  write(
    statements: readonly SqlStatement[],
    durability: "full" | "normal" = "normal",
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ statements, durability, resolve, reject });
    if (!this.#isRunning) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // Those of one turn go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, MAX_BATCH));
    this.#isRunning = false;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#tables.commit(
        batch.flatMap(({ statements }) => statements),
        batch.some(({ durability }) => durability === "full") ? "full" : "normal",
      );
    } catch (error) {
      if (batch.length === 1) return batch[0]!.reject(error);
      // One that cannot be written must not take the others with it.
      for (const waiting of batch) await this.#commit([waiting]);
      return;
    }
    for (const { resolve } of batch) resolve();
  }
}
