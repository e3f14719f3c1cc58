interface Waiter {
  readonly resolve: () => void;
}

/** So many places for work that many want to do: who comes first is served first. */
export class Places {
  #free: number;
  readonly #waiting = new Set<Waiter>();

  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Waits for a place.
   * @returns A function that gives it back.
   * @throws the signal's reason when it is aborted before.
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#wait(signal);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#pass();
    };
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { resolve };
    const onAbort = (): void => {
      this.#waiting.delete(waiter);
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#waiting.add(waiter);
    await promise.finally(() => signal.removeEventListener("abort", onAbort));
  }

  /** A place goes on to who waits longest. */
  #pass(): void {
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter);
      return waiter.resolve();
    }
    this.#free++;
  }
}
