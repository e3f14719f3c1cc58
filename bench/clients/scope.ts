import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const open = new Set<Scope>();

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void Promise.allSettled([...open].map((scope) => scope.close())).then(() => process.exit(1));
  });
}

/**
 * What one test or one measurement has opened: processes, namespaces, folders. All of it is
 * closed, the last first, however the test ends; a signal that ends this process closes it too.
 */
export class Scope {
  readonly #closers: (() => unknown)[] = [];
  #closing: Promise<void> | null = null;

  constructor() {
    open.add(this);
  }

  /** Runs `close` when the scope ends. */
  defer(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** A new folder that is deleted with the scope. */
  async folder(parent: string = tmpdir()): Promise<string> {
    const path = await mkdtemp(join(parent, "shoal-"));
    this.defer(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  /**
   * Closes everything, even when some of it fails.
   * @throws {AggregateError} of what failed.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.toReversed()) {
      try {
        // In order: a folder is deleted after the process that writes there has ended.
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    open.delete(this);
    if (failures.length > 0) throw new AggregateError(failures, "some of what was opened stayed");
  }
}
