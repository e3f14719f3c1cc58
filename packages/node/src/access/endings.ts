/** Tells answers that take long, such as streams of events, that the secret they were asked for with holds no more. */
export class Endings {
  readonly #controllers = new Map<string, AbortController>();

  /** @param secret A name for it. Only of secrets that hold: each is kept until it ends. */
  of(secret: string): AbortSignal {
    let controller = this.#controllers.get(secret);
    if (controller === undefined) {
      controller = new AbortController();
      this.#controllers.set(secret, controller);
    }
    return controller.signal;
  }

  end(secret: string): void {
    this.#controllers.get(secret)?.abort();
    this.#controllers.delete(secret);
  }

  /** Ends all whose names begin so. */
  endAll(prefix: string): void {
    for (const secret of this.#controllers.keys()) if (secret.startsWith(prefix)) this.end(secret);
  }
}
