/**
 * Limits that are off. Transmission keeps the number of a limit that is not in force, and clients set number and switch
 * by separate calls; Shoal has a limit or none. So the numbers that wait are remembered here, until the daemon stops.
 */
export class Memories {
  readonly #numbers = new Map<string, Map<string, number>>();

  /** @param owner An infohash, or the session. */
  remember(owner: string, name: string, value: number): void {
    const own = this.#numbers.get(owner) ?? new Map<string, number>();
    this.#numbers.set(owner, own.set(name, value));
  }

  recall(owner: string, name: string, fallback: number): number {
    return this.#numbers.get(owner)?.get(name) ?? fallback;
  }

  forget(owner: string): void {
    this.#numbers.delete(owner);
  }
}
