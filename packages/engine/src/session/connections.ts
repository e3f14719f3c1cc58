const MAX_CONNECTIONS = 500;

/** A session's connections to peers. */
export interface ConnectionPlaces {
  readonly count: number;
  readonly most: number;
  /** Those beyond it stay, and end by themselves. @throws {RangeError} for what is no whole number of 0 or more. */
  setMost(most: number): void;
}

/** See {@link ConnectionPlaces}. */
export class Connections implements ConnectionPlaces {
  #count = 0;
  #lastId = 0;
  #most = 0;

  constructor(most: number = MAX_CONNECTIONS) {
    this.setMost(most);
  }

  get count(): number {
    return this.#count;
  }
  get most(): number {
    return this.#most;
  }
  get hasRoom(): boolean {
    return this.#count < this.#most;
  }

  setMost(most: number): void {
    if (!(most >= 0) || !(Number.isInteger(most) || most === Infinity)) {
      throw new RangeError(`Expected 0 or more connections, got ${most}.`);
    }
    this.#most = most;
  }

  /** @returns A number that no connection of the session has had. */
  opened(): number {
    this.#count++;
    return ++this.#lastId;
  }

  closed(): void {
    this.#count--;
  }
}
