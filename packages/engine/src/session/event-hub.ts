/** Events kept for a reader that does not keep up; the oldest are dropped beyond it. */
const MAX_UNREAD = 10_000;

/** Hands events to listeners and to async iterators. A listener that throws disturbs nobody else. */
export class EventHub<Event> {
  /** Made when they are needed: nobody listens to most of a session's torrents. */
  #listeners: Set<(event: Event) => void> | null = null;
  #ends: Set<() => void> | null = null;
  readonly #onError: (error: unknown) => void;
  #closed = false;

  /** @param onError What a listener throws is reported to it. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  on(listener: (event: Event) => void): () => void {
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
    return () => this.#listeners?.delete(listener);
  }

  emit(event: Event): void {
    if (this.#listeners === null) return;
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  /** Ends every iteration. Whoever waits with {@link until} looks once more. */
  close(): void {
    this.#closed = true;
    for (const end of [...(this.#ends ?? [])]) end();
    this.#listeners?.clear();
  }

  /** Events from now on, until the hub is closed or `signal` is aborted. */
  iterate(signal?: AbortSignal): AsyncIterableIterator<Event> {
    const unread: Event[] = [];
    let waiting: (() => void)[] = [];
    let ended = this.#closed || signal?.aborted === true;
    const notify = (): void => {
      for (const wake of waiting) wake();
      waiting = [];
    };
    const nextNotice = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
    const end = (): void => {
      ended = true;
      remove();
      this.#ends?.delete(end);
      signal?.removeEventListener("abort", end);
      notify();
    };
    const remove = this.on((event) => {
      if (unread.length >= MAX_UNREAD) unread.shift();
      unread.push(event);
      notify();
    });
    this.#ends ??= new Set();
    this.#ends.add(end);
    signal?.addEventListener("abort", end);
    if (ended) end();
    return {
      next: async () => {
        while (unread.length === 0 && !ended) await nextNotice();
        const event = unread.shift();
        return event === undefined
          ? { done: true, value: undefined }
          : { done: false, value: event };
      },
      return: async () => {
        end();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /**
   * Resolves once `isMet` holds, which is asked now and after each event.
   * @throws the signal's reason when it is aborted before.
   */
  async until(isMet: () => boolean, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (isMet()) return;
    const waiting = new AbortController();
    const events = this.iterate(
      signal === undefined ? waiting.signal : AbortSignal.any([waiting.signal, signal]),
    );
    for await (const _event of events) {
      if (isMet()) return;
    }
    signal?.throwIfAborted();
  }
}
