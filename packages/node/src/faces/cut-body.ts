/** A body that fails, and cuts its connection, once `ended` is aborted, though a part be awaited. */
export function cutBody(
  body: AsyncIterable<Uint8Array>,
  ended: AbortSignal,
): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => new CutBody(body[Symbol.asyncIterator](), ended) };
}

class CutBody implements AsyncIterator<Uint8Array> {
  readonly #parts: AsyncIterator<Uint8Array>;
  readonly #ended: AbortSignal;
  #fail: (error: Error) => void = () => {};
  readonly #onEnd = (): void => {
    this.#fail(new Error("The session, or the key, has ended."));
    void this.#parts.return?.().catch(() => {});
  };

  constructor(parts: AsyncIterator<Uint8Array>, ended: AbortSignal) {
    this.#parts = parts;
    this.#ended = ended;
    ended.addEventListener("abort", this.#onEnd, { once: true });
  }

  /** Not by a race with `ended`, which would keep something of every part until then. */
  async next(): Promise<IteratorResult<Uint8Array>> {
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Uint8Array>>();
    this.#fail = reject;
    if (this.#ended.aborted) this.#onEnd();
    else this.#parts.next().then(resolve, reject);
    const result = await promise;
    if (result.done === true) this.#leave();
    return result;
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#leave();
    await this.#parts.return?.();
    return { done: true, value: undefined };
  }

  #leave(): void {
    this.#ended.removeEventListener("abort", this.#onEnd);
  }
}
