/** Pieces that are needed by a certain time, the earliest first. Few: what readers will come to soon. */
export class Deadlines {
  readonly #times = new Map<number, number>();
  #sorted: readonly (readonly [piece: number, deadlineMs: number])[] | null = null;

  get size(): number {
    return this.#times.size;
  }

  has(piece: number): boolean {
    return this.#times.has(piece);
  }

  set(piece: number, deadlineMs: number): void {
    this.#times.set(piece, deadlineMs);
    this.#sorted = null;
  }

  delete(piece: number): void {
    if (this.#times.delete(piece)) this.#sorted = null;
  }

  inOrder(): readonly (readonly [piece: number, deadlineMs: number])[] {
    this.#sorted ??= [...this.#times].toSorted((a, b) => a[1] - b[1] || a[0] - b[0]);
    return this.#sorted;
  }
}
