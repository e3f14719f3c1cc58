/**
 * Keeps readers away from a block that is not on the disk yet: what anybody was told must still be there after a power
 * cut. Readers go together; a writer waits for those within, and lets in no other until it is done.
 */
export class ReadGate {
  #readers = 0;
  #isClosed = false;
  #failure: Error | null = null;
  /** Resolves when the gate opens. */
  #opened = Promise.withResolvers<void>();
  #emptied: (() => void) | null = null;

  /** @throws what `read` does, or what the gate was broken with. */
  async pass<T>(read: () => Promise<T>): Promise<T> {
    while (this.#isClosed) await this.#opened.promise;
    if (this.#failure !== null) throw this.#failure;
    this.#readers++;
    try {
      return await read();
    } finally {
      this.#readers--;
      if (this.#readers === 0) this.#emptied?.();
    }
  }

  /** Lets nobody in, and waits until nobody is within. For one writer at a time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#readers === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#emptied = resolve;
    await promise;
    this.#emptied = null;
  }

  open(): void {
    this.#isClosed = false;
    this.#opened.resolve();
    this.#opened = Promise.withResolvers();
  }

  /** Everybody fails from now on: what lies behind the gate will never be on the disk. */
  break(failure: Error): void {
    this.#failure = failure;
    this.open();
  }
}
