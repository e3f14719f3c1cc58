import type { StreamOptions } from "@shoal/engine";
import type { Clock } from "@shoal/runtime";

/** What a body is made of. */
export interface BodyInit {
  readonly open: (options: StreamOptions) => AsyncGenerator<Uint8Array, void, void>;
  readonly start: number;
  readonly end: number;
  readonly clock: Clock;
  /** A part that does not come for so long ends the body. */
  readonly patienceMs: number;
  /** Called once, when nothing more is read. @param error Null when all was read, or the reader left. */
  readonly onEnd: (error: Error | null) => void;
}

/**
 * The bytes of an answer. Nothing is read before the first part is asked for, one part is read at a time, and who
 * leaves stops the reading at once, also while a part is awaited that no peer has yet.
 */
export class ContentBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  readonly #init: BodyInit;
  readonly #leaving = new AbortController();
  #parts: AsyncGenerator<Uint8Array, void, void> | null = null;
  #isOver = false;

  constructor(init: BodyInit) {
    this.#init = init;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#isOver) return { done: true, value: undefined };
    const { open, start, end, clock, patienceMs } = this.#init;
    this.#parts ??= open({ start, end, signal: this.#leaving.signal });
    const timer = clock.setTimer(patienceMs, () => {
      this.#leaving.abort(new Error("no part of the content came for too long"));
    });
    try {
      const part = await this.#parts.next();
      if (part.done !== true) return part;
      this.#end(null);
      return { done: true, value: undefined };
    } catch (error) {
      this.#end(error as Error);
      throw error;
    } finally {
      timer.cancel();
    }
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const parts = this.#parts;
    this.#end(null);
    this.#leaving.abort(new Error("the reader has left"));
    // Without waiting: a part that is awaited may not come for long.
    parts?.return().catch(() => {});
    return Promise.resolve({ done: true, value: undefined });
  }

  #end(error: Error | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#init.onEnd(error);
  }
}
